/**
 * How a datagram travels: it may get lost, come twice, late or damaged.
 *
 * @module
 */

import type { Address, Bytes } from "../../contracts.ts";
import type { Rules } from "./rules.ts";
import { isLost, latencyOf, type Place, schedule, type Wire } from "./wire.ts";

/** What waits in front of a slow link before more is lost: 64 KiB. */
const QUEUE_BYTES = 65_536;

/** What IPv4 and UDP take of a packet, and what IPv4 takes of a fragment. */
const UDP_HEADER_BYTES = 28;
const IP_HEADER_BYTES = 20;

/** How late an overtaken datagram is, in times of the largest latency. */
const LATE_TIMES = 2;

/**
 * Sends a datagram, or an ICMP message where there is no `data`; `arrive` is
 * called as often as it comes.
 */
export function post(
  wire: Wire,
  from: Place,
  to: Place,
  address: Address,
  data: Bytes | undefined,
  arrive: (data: Bytes) => void,
): void {
  const proto = address.family === "unix" ? "unix" : "udp";
  const port = address.family === "unix" ? 0 : address.port;
  const rules = wire.rules(from, to, proto, port);
  const what = data === undefined ? "ICMP" : proto === "udp" ? "UDP" : "UNIX";
  const pair = `${what} ${from.name}>${to.name}:${port}`;
  const name = wire.isReal ? `${pair} #${wire.count(pair)}` : pair;
  const copies = [0];
  if (data !== undefined && rules.duplicateRate !== undefined) {
    const isTwice = wire.chance.strikes(rules.duplicateRate, `double ${name}`);
    if (isTwice) copies.push(1);
  }
  for (const copy of copies) {
    const key = `${name}.${copy}`;
    const waitMs = queueMs(wire, rules, from, to, data?.length ?? 0);
    const lost = waitMs === undefined || isGone(wire, rules, to, key, data);
    wire.note?.(from, to, what, data, lost);
    if (lost) continue;
    const bytes = damaged(wire, rules, key, data ?? new Uint8Array(0));
    const lateMs = waitMs + latencyOf(wire, rules, key) +
      overtakenMs(wire, rules, key);
    schedule(wire, lateMs, () => to.isUp && arrive(bytes));
  }
}

/** How long it waits for a slow link; `undefined` where the queue is full. */
function queueMs(
  wire: Wire,
  { bytesPerSecond = Infinity }: Rules,
  from: Place,
  to: Place,
  size: number,
): number | undefined {
  if (bytesPerSecond === Infinity) return 0;
  const now = wire.tasks.now();
  const aheadMs = Math.max(0, wire.busyUntil(from, to) - now);
  if (aheadMs * bytesPerSecond / 1000 + size > QUEUE_BYTES) return undefined;
  const ownMs = size / bytesPerSecond * 1000;
  wire.occupy(from, to, ownMs);
  return aheadMs + ownMs;
}

/** Whether it, or one of its fragments, is lost. */
function isGone(
  wire: Wire,
  rules: Rules,
  to: Place,
  key: string,
  data: Bytes | undefined,
): boolean {
  const size = (data?.length ?? 0) + UDP_HEADER_BYTES;
  const fragments = Math.ceil(
    (size - IP_HEADER_BYTES) / (rules.mtuBytes - IP_HEADER_BYTES),
  );
  if (isLost(wire, rules, to, key, 0)) return true;
  if (rules.lossRate === 0) return false;
  for (let i = 1; i < fragments; i++) {
    if (isLost(wire, rules, to, `${key} fragment ${i}`, 0)) return true;
  }
  return false;
}

/** One bit of it is wrong, perhaps: UDP's own sum would not see two. */
function damaged(
  { chance }: Wire,
  { corruptRate = 0 }: Rules,
  key: string,
  data: Bytes,
): Bytes {
  if (corruptRate === 0 || data.length === 0) return data;
  if (!chance.strikes(corruptRate, `corrupt ${key}`)) return data;
  const bit = Math.floor(chance.draw(`bit ${key}`) * data.length * 8);
  const copy = data.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** How much later it comes for being overtaken. */
function overtakenMs(
  { chance }: Wire,
  { reorderRate = 0, maxLatencyMs }: Rules,
  key: string,
): number {
  if (reorderRate === 0) return 0;
  if (!chance.strikes(reorderRate, `reorder ${key}`)) return 0;
  return LATE_TIMES * Math.max(maxLatencyMs, 1);
}
