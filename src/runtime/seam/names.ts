/**
 * The part of the seam that knows names besides `Runtime.lookup`: this host's
 * own, names of addresses, aliases, and the system's files about names.
 *
 * @module
 */

/** One host address that a name stands for. */
export interface ResolvedHost {
  /** Which version of the Internet protocol. */
  readonly family: "ipv4" | "ipv6";
  /** The numeric address. */
  readonly hostname: string;
}

/** A network interface. */
export interface NetworkInterface {
  /** Its name, such as `"lo"`. */
  readonly name: string;
  /** Its index, from 1 on; `undefined` if the runtime does not tell it. */
  readonly index: number | undefined;
}

/** A file of the system about names, wherever the system keeps it. */
export type SystemFile = "hosts" | "protocols" | "resolv.conf" | "services";

/** The names of a runtime. What fails, fails with a Fault. */
export interface NameService {
  /** This host's own name. Throws a Fault `EPERM` without permission. */
  hostname(): string;
  /**
   * The name of a numeric address, without zone, as `getnameinfo` knows it;
   * rejects with a Fault `EAI_NONAME` if it has none. The port matters to
   * Deno's permissions alone.
   */
  reverse(address: string, port: number): Promise<string>;
  /**
   * What a name is a DNS alias of (its CNAME); `undefined` if it is none. Asks
   * the name server, never the hosts file.
   */
  alias(name: string): Promise<string | undefined>;
  /** Whether `alias` may be asked with no question to the user. */
  mayAskServers(): boolean;
  /** The addresses of this host. Throws a Fault `EPERM` without permission. */
  addresses(): readonly ResolvedHost[];
  /**
   * The network interfaces, all of them if they can be learnt with no question
   * to the user, else those that have an address. Throws a Fault `EPERM`
   * without permission for either.
   */
  interfaces(): readonly NetworkInterface[];
  /**
   * The text of a system's file; `undefined` where there is none or it may not
   * be read. Never asks the user for a permission.
   */
  readSystemFile(file: SystemFile): Promise<string | undefined>;
}
