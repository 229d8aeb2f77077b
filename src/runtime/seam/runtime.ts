/**
 * The seam: all that the library asks of a runtime. A driver moves bytes and
 * names errors; state, arguments, deadlines and aborts live above it.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import type { RawBindOptions, RawDatagram } from "./datagram.ts";
import type { Host } from "./host.ts";
import type { RawFile } from "./files.ts";
import type { NameService, ResolvedHost } from "./names.ts";
import type { KeepAliveTuning } from "./options.ts";
import type {
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
} from "./stream.ts";
import type { Feature, Support } from "./supports.ts";
import type { TlsEngine, TlsRoles } from "./tls.ts";

/** One runtime, or one network in memory. */
export interface Runtime {
  /** Which one: `"deno"`, `"bun"`, `"node"`, `"memory"`. */
  readonly name: string;
  /** What it can do, feature by feature. */
  readonly supports: Readonly<Record<Feature, Support>>;
  /** The clock that its deadlines run on. */
  readonly clock: Clock;
  /** Connects, or rejects with a {@linkcode Fault} or the signal's reason. */
  connect(options: RawConnectOptions): Promise<RawStream>;
  /** Listens, or rejects with a {@linkcode Fault}. */
  listen(options: RawListenOptions): Promise<RawListener>;
  /** Binds a datagram socket, or rejects with a {@linkcode Fault}. */
  bindDatagram(options: RawBindOptions): Promise<RawDatagram>;
  /** The one tuning of probes that it can do, where it can do but one. */
  readonly forcedProbes?: KeepAliveTuning | undefined;
  /** A stream over a connected descriptor, which it owns from then on. */
  streamOfFd?(fd: number, family: Address["family"]): RawStream;
  /**
   * A listener over a listening descriptor, which it owns from then on; of
   * whatever family it is where none is said.
   */
  listenerOfFd?(
    fd: number,
    family: Address["family"] | undefined,
  ): RawListener;
  /** Whether the runtime's permissions let the program use the address. */
  permits(address: Address): boolean;
  /** The addresses of a name in `getaddrinfo`'s order, or a Fault `EAI_…`. */
  lookup(hostname: string, family: 0 | 4 | 6): Promise<readonly ResolvedHost[]>;
  /**
   * Opens a regular file for reading from `offset` on, or rejects with a Fault:
   * `EPERM` names the permission that is missing. A network without files of
   * its own has none.
   */
  openFile?(path: string, offset: number): Promise<RawFile>;
  /** All other knowledge of names. */
  readonly names: NameService;
  /** The process around it; a network in memory has none. */
  readonly host?: Host;
  /**
   * What speaks TLS over its streams, loaded when first asked for; rejects
   * with a Fault `EOPNOTSUPP`. A runtime without it has none.
   */
  tls?(): Promise<TlsEngine>;
  /**
   * Its own TLS sockets, loaded when first asked for; rejects with a Fault
   * `EOPNOTSUPP`. A runtime without them has none.
   */
  nativeTls?(): Promise<TlsRoles>;
}
