/**
 * Whether a certificate is for a name or an address (RFC 9525). Only the
 * alternative names count; the common name is never looked at.
 *
 * @module
 */

import { formatIPv6, parseIPv4, parseIPv6 } from "../ip.ts";

/** Whether a text is a numeric address of either kind. */
export function isAddress(name: string): boolean {
  return parseIPv4(name) !== undefined || parseIPv6(name) !== undefined;
}

/** Whether one of the alternative names is `serverName`. */
export function isFor(
  serverName: string,
  subjectAltName: readonly string[],
): boolean {
  const six = parseIPv6(serverName);
  if (six !== undefined || parseIPv4(serverName) !== undefined) {
    const address = six === undefined ? serverName : formatIPv6(six);
    return subjectAltName.includes(`IP:${address}`);
  }
  return subjectAltName.some((name) =>
    name.startsWith("DNS:") && matches(name.slice(4), serverName)
  );
}

/** A star stands for one whole label, the first. */
function matches(pattern: string, serverName: string): boolean {
  const labels = labelsOf(serverName);
  const [first, ...rest] = labelsOf(pattern);
  if (first !== "*") return labelsOf(pattern).join() === labels.join();
  // A star for a whole top-level domain is nobody's to give.
  return rest.length >= 2 && labels.length === rest.length + 1 &&
    labels.slice(1).join() === rest.join();
}

function labelsOf(name: string): readonly string[] {
  return name.toLowerCase().replace(/\.$/, "").split(".");
}
