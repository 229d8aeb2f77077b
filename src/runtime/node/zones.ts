/**
 * Zones as `node:net` takes them. What is no interface it takes for the
 * default one, and on Node 26 waits there for an answer, so zones are looked
 * up here.
 *
 * @module
 */

import type { Address, HostAndPort, InetAddress } from "../../contracts.ts";
import { platformName } from "../platform.ts";
import type { RawConnectOptions } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import { isIndex, isLinkLocal, unknownZone, zoneOf } from "../seam/zones.ts";
import { hostFor, hostText } from "./addresses.ts";
import { datagramQuirks } from "./datagram_quirks.ts";
import { findInterface, isListed } from "./interfaces.ts";
import { nodeHost } from "./native.ts";
import { mayListInterfaces } from "./permission.ts";
import { quirks } from "./quirks.ts";

/**
 * The address with its zone as the runtime takes it. `missing` is what the
 * kernel says of an index that no interface has: that depends on the call.
 *
 * @throws {Fault} `EAI_NONAME` if no interface is named so, `EINVAL` if an
 *   address needs a zone and has none, `EOPNOTSUPP` on Deno.
 */
export function zoned<T extends Address | HostAndPort>(
  address: T,
  missing: "ENETUNREACH" | "ENODEV",
): T {
  // Windows numbers its zones, and Node hands the numbers on.
  if ("path" in address || platformName() === "win32") return address;
  const zone = zoneOf(address);
  if (!isLinkLocal(address.hostname)) {
    // The kernel takes no notice of the zone of another address.
    if (zone === undefined) return address;
    const { hostname, port } = address;
    return { family: "ipv6", hostname, port } as unknown as T;
  }
  if (zone === undefined) {
    demandNoGuess();
    return address;
  }
  if (quirks().dropsZones) refuse(zone);
  const name = findInterface(isIndex(zone) ? Number(zone) : zone);
  if (name !== undefined) return { ...address, scopeId: name };
  throw isIndex(zone) ? new Fault(missing) : unknownZone(zone);
}

/**
 * The hosts that a datagram socket is given, as the runtime takes them. One
 * without a zone goes where the routes say, as in C.
 */
export class DatagramHosts {
  readonly #family: "ipv4" | "ipv6";
  #last: InetAddress | undefined;
  #lastText = "";

  /** For a socket of a family. */
  constructor(family: "ipv4" | "ipv6") {
    this.#family = family;
  }

  /**
   * Where to send or connect: most go where the last one went.
   *
   * @throws {Fault} `EAI_NONAME` if no interface is named so, `ENETUNREACH`.
   */
  text(to: InetAddress): string {
    if (to.scopeId === undefined) return hostFor(this.#family, to);
    const last = this.#last;
    const isLast = last !== undefined && last.hostname === to.hostname &&
      last.scopeId === to.scopeId;
    if (!isLast) {
      this.#lastText = hostText(zonedDatagram(to, "ENETUNREACH"));
      this.#last = to;
    }
    return this.#lastText;
  }
}

/**
 * Like {@linkcode zoned}, for datagrams. A host that asks the kernel itself
 * needs no permission to list interfaces.
 */
export function zonedDatagram(
  address: InetAddress,
  missing: "ENETUNREACH" | "ENODEV",
): InetAddress {
  const isTaken = zoneOf(address) === undefined ||
    datagramQuirks().asksForZones && isLinkLocal(address.hostname);
  return isTaken ? address : zoned(address, missing);
}

/** Where to connect and from where, with zones as the runtime takes them. */
export function withZones(options: RawConnectOptions): RawConnectOptions {
  const address = zoned(options.address, "ENETUNREACH");
  const { localAddress } = options;
  if (localAddress === undefined) return { ...options, address };
  try {
    return { ...options, address, localAddress: zoned(localAddress, "ENODEV") };
  } catch (error) {
    throw (error as Fault).asLocal();
  }
}

/** Refuses, as the kernel does, what the host would guess. */
function demandNoGuess(): void {
  if (!quirks().guessesZones || platformName() !== "linux") return;
  throw new Fault("EINVAL", undefined, "a link-local address needs its zone");
}

/** Says that zones are left out. No permission is asked to say so. */
function refuse(zone: string): never {
  const isUnknown = !isIndex(zone) && mayListInterfaces() && !isListed(zone);
  if (isUnknown) throw unknownZone(zone);
  const reason = `${nodeHost().label} leaves out the zone of an address`;
  throw new Fault("EOPNOTSUPP", undefined, reason);
}
