/**
 * The wire of a network in memory: what its streams, listeners and datagrams
 * share, and how one packet is carried.
 *
 * @module
 */

import type { Timer } from "../../clock.ts";
import type { Chance } from "./chance.ts";
import type { Protocol, Rules } from "./rules.ts";
import type { Scheduler } from "./scheduler.ts";

/** A host, from its start to its end, as the wire sees it. */
export interface Place {
  /** The host's name. */
  readonly name: string;
  /** Whether the machine is there; its life may be another one meanwhile. */
  readonly isUp: boolean;
  /** Whether this life of the host is over. */
  readonly isDead: boolean;
  /**
   * Runs a task as this host: now, or once the stopped host goes on, or never,
   * if it is dead.
   */
  run(task: () => void): void;
}

/** Told of every packet as it leaves. */
export type Note = (
  from: Place,
  to: Place,
  what: string,
  payload?: Uint8Array,
  isLost?: boolean,
) => void;

/** What all connections and datagrams of one network share. */
export interface Wire {
  /** When things happen. */
  readonly tasks: Scheduler;
  /** What decides. */
  readonly chance: Chance;
  /** Whether lost packets and full queues cost time, or nothing gets lost. */
  readonly isReal: boolean;
  /** Bytes of the largest chunk that a sink is given. */
  readonly maxChunkBytes: number;
  /** Counts up when any rule changes. */
  readonly version: number;
  /** What holds for a packet that leaves now. */
  rules(from: Place, to: Place, proto: Protocol, port: number): Rules;
  /** Takes down what travels. */
  readonly note: Note | undefined;
  /** How often it was asked about this name, this time included. */
  count(name: string): number;
  /** Until when the link is busy with bytes, where it has a speed. */
  busyUntil(from: Place, to: Place): number;
  /** Keeps the link busy for so long. */
  occupy(from: Place, to: Place, forMs: number): void;
}

/** A packet that is sent again until it gets through. */
export interface Packet {
  readonly from: Place;
  readonly to: Place;
  readonly proto: Protocol;
  /** The server's port. */
  readonly port: number;
  /** What chance knows it by. */
  readonly key: string;
  /** What the trace calls it. */
  readonly what: string;
  /** After how many milliseconds it is sent again; then twice as many. */
  readonly rtoMs: number;
  /** How often it is sent again. */
  readonly tries: number;
  /** The link swallows it, whatever comes. */
  readonly isSwallowed?: boolean;
  /** It came; `false` drops it there, so that it is sent again. */
  arrive(): boolean;
  /** It was sent for the last time. */
  giveUp(): void;
}

/** The longest time between two tries: `TCP_RTO_MAX` of Linux. */
export const MAX_RTO_MS = 120_000;

/**
 * How long a packet takes this time, in whole microseconds; what is sent again
 * takes another time at each try.
 */
export function latencyOf(
  wire: Wire,
  rules: Rules,
  key: string,
  attempt?: number,
): number {
  const { minLatencyMs: min, maxLatencyMs: max } = rules;
  if (min === max) return min;
  const name = attempt === undefined ? key : `${key} try ${attempt}`;
  const drawn = min + wire.chance.draw(`latency ${name}`) * (max - min);
  return Math.round(drawn * 1000) / 1000;
}

/** Whether chance has nothing to decide about what becomes of a packet. */
export function isCertain(rules: Rules): boolean {
  return rules.lossRate === 0 && rules.minLatencyMs === rules.maxLatencyMs;
}

/** Whether this try of a packet gets lost. */
export function isLost(
  wire: Wire,
  { lossRate, isCut }: Rules,
  to: Place,
  key: string,
  attempt: number,
): boolean {
  if (isCut || !to.isUp) return true;
  if (lossRate === 0) return false;
  return wire.chance.strikes(lossRate, `loss ${key} try ${attempt}`);
}

/** Runs a task so many milliseconds from now, or as soon as it may. */
export function schedule(wire: Wire, delayMs: number, task: () => void): void {
  if (delayMs > 0) wire.tasks.after(delayMs, task);
  else wire.tasks.run(task);
}

/** Carries a packet, as often as it takes. Gives what calls that off. */
export function carry(wire: Wire, packet: Packet): () => void {
  const { from, to, proto, port, key, what } = packet;
  let timer: Timer | undefined;
  let isOff = false;
  const attempt = (tried: number): void => {
    if (isOff || from.isDead) return;
    const rules = wire.rules(from, to, proto, port);
    const lost = packet.isSwallowed || isLost(wire, rules, to, key, tried);
    wire.note?.(from, to, what, undefined, lost);
    if (lost) return again(tried);
    schedule(wire, latencyOf(wire, rules, key, tried), () => {
      if (isOff) return;
      if (!to.isUp || !packet.arrive()) again(tried);
    });
  };
  const again = (tried: number): void => {
    const rtoMs = Math.min(packet.rtoMs * 2 ** tried, MAX_RTO_MS);
    timer = wire.tasks.after(rtoMs, () => {
      if (isOff || from.isDead) return;
      if (tried >= packet.tries) packet.giveUp();
      else attempt(tried + 1);
    });
  };
  attempt(0);
  return () => {
    isOff = true;
    timer?.cancel();
  };
}
