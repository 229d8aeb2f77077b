/**
 * Zones as `node:net` takes them. What is no interface it takes for the
 * default one, and on Node 26 waits there for an answer, so zones are looked
 * up here.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { platformName } from "../platform.ts";
import type { RawConnectOptions } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import { isIndex, isLinkLocal, unknownZone, zoneOf } from "../seam/zones.ts";
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
