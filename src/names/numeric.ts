/**
 * Hosts that are addresses already, as `getaddrinfo` reads them.
 *
 * @module
 */

import { inetAton } from "../byteorder/inet.ts";
import { EAI_ADDRFAMILY } from "../constants.ts";
import { formatIPv4, formatIPv6, parseIPv6 } from "../ip.ts";

/** A numeric host. */
export interface NumericHost {
  /** Which version of the Internet protocol. */
  readonly family: "ipv4" | "ipv6";
  /** The address in canonical form. */
  readonly hostname: string;
  /** The zone of an IPv6 address. */
  readonly scopeId?: string;
}

/** The code for an address of the wrong family; Windows has none of its own. */
export const WRONG_FAMILY: string = EAI_ADDRFAMILY === undefined
  ? "EAI_NONAME"
  : "EAI_ADDRFAMILY";

/**
 * The host of an address: a dotted quad or its classic short forms, or an
 * IPv6 address, with its zone. `undefined` if the text is no address.
 */
export function numericHost(text: string): NumericHost | undefined {
  return text.includes(":") ? numericIPv6(text) : numericIPv4(text);
}

function numericIPv4(text: string): NumericHost | undefined {
  try {
    return { family: "ipv4", hostname: formatIPv4(inetAton(text)) };
  } catch {
    return undefined;
  }
}

function numericIPv6(text: string): NumericHost | undefined {
  const at = text.indexOf("%");
  const bytes = parseIPv6(at < 0 ? text : text.slice(0, at));
  if (bytes === undefined) return undefined;
  const host = { family: "ipv6", hostname: formatIPv6(bytes) } as const;
  if (at < 0) return host;
  const scopeId = text.slice(at + 1);
  // Only link-local addresses have zones by name: see `if_nametoindex` in C.
  const zone = isLinkLocal(bytes) ? /^[\w.:-]{1,64}$/ : /^[0-9]{1,10}$/;
  if (!zone.test(scopeId)) return undefined;
  return /^0+$/.test(scopeId) ? host : { ...host, scopeId };
}

/** `fe80::/10` and the multicast addresses of link-local scope. */
function isLinkLocal(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first === 0xfe && (second & 0xc0) === 0x80) ||
    (first === 0xff && (second & 0x0f) === 0x02);
}

/** A text that no system would look up, or each in its own way. */
export function isHopeless(name: string): boolean {
  return name === "" || name.length > 253 || /[\s\0/%*:]/.test(name);
}
