/**
 * Addresses as the kernel gives them, in a form that can be compared.
 *
 * @module
 */

import { AF_INET, AF_INET6 } from "../constants.ts";
import type { Address } from "../contracts.ts";
import { parseIPv4, parseIPv6 } from "../ip.ts";
import { platformName } from "../runtime/platform.ts";

/** Room for every `struct sockaddr` (`sizeof(struct sockaddr_storage)`). */
export const SOCKADDR_BYTES = 128;

/** The first 12 bytes of an IPv4 address that IPv6 has mapped (RFC 4291). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/**
 * The text of a `struct sockaddr`: equal for equal addresses, an IPv4 address
 * and the IPv6 one that stands for it being equal too. `undefined` for other
 * families.
 */
export function sockaddrText(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // The BSDs have a length in front, and so one byte less for the family.
  const family = platformName() === "darwin"
    ? bytes[1]
    : new Uint16Array(bytes.slice(0, 2).buffer)[0];
  const port = view.getUint16(2);
  if (family === AF_INET) return text(bytes.subarray(4, 8), port);
  return family === AF_INET6 ? text(bytes.subarray(8, 24), port) : undefined;
}

/** The same text of one of the library's addresses. */
export function addressText(address: Address | undefined): string | undefined {
  if (address === undefined || address.family === "unix") return undefined;
  const [hostname = ""] = address.hostname.split("%");
  const bytes = parseIPv4(hostname) ?? parseIPv6(hostname);
  return bytes === undefined ? undefined : text(bytes, address.port);
}

function text(host: Uint8Array, port: number): string {
  const full = host.length === 4 ? [...MAPPED, ...host] : [...host];
  return `${full.join(".")}:${port}`;
}
