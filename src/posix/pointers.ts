/**
 * Options whose values hold pointers, or say how much the kernel writes in a
 * count of their own: memory that no program in JavaScript can vouch for.
 *
 * @module
 */

import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SOL_SOCKET,
} from "../constants.ts";
import { platformName } from "../runtime/platform.ts";

/** The numbers of Linux, which the headers of the kernel give. */
const NAMES: Readonly<Record<string, string>> = {
  [`${SOL_SOCKET}/26`]: "SO_ATTACH_FILTER",
  [`${SOL_SOCKET}/50`]: "SO_ATTACH_BPF",
  [`${SOL_SOCKET}/51`]: "SO_ATTACH_REUSEPORT_CBPF",
  [`${SOL_SOCKET}/52`]: "SO_ATTACH_REUSEPORT_EBPF",
  [`${IPPROTO_TCP}/35`]: "TCP_ZEROCOPY_RECEIVE",
  [`${IPPROTO_TCP}/41`]: "TCP_AO_GET_KEYS",
  // SOL_MPTCP
  "284/4": "MPTCP_FULL_INFO",
};

/** The numbers between 64 and 127 that are IPv6's own. */
const OF_IPV6: ReadonlySet<number> = new Set([
  ...[66, 67, 70, 72, 73, 74, 75, 76, 77, 78],
]);

/** What an option with pointers is called; `undefined` for any other. */
export function pointerName(level: number, name: number): string | undefined {
  if (platformName() !== "linux") return undefined;
  const known = NAMES[`${level}/${name}`];
  if (known !== undefined) return known;
  const isNetfilters = name >= 64 && name <= 127 &&
    (level === IPPROTO_IP || (level === IPPROTO_IPV6 && !OF_IPV6.has(name)));
  return isNetfilters ? "an option of netfilter" : undefined;
}
