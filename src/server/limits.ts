/**
 * Who may come in: how many connections there may be, in all and of one host.
 * Pure: what the process may have is asked elsewhere.
 *
 * @module
 */

import { SOMAXCONN } from "../constants.ts";
import type { Address } from "../contracts.ts";
import { parseIPv6 } from "../ip.ts";

/** What is known before a server listens. */
export interface DescriptorFacts {
  /** How many descriptors the process may have; `undefined` if unknown. */
  readonly limit: number | undefined;
  /** How many it has; `undefined` if unknown. */
  readonly open: number | undefined;
  /**
   * Whether connections leave the kernel before they are asked for, so that
   * each that waits holds a descriptor; such listeners do not outlive a lack
   * of them either.
   */
  readonly takesAhead: boolean;
  /** How many servers share them, such as threads of one process. */
  readonly sharers: number;
}

/** What the program asks for. */
export interface AskedLimits {
  /** How many connections there may be. */
  readonly maxConnections: number | undefined;
  /** How many may wait besides. */
  readonly backlog: number | undefined;
}

/** What holds. */
export interface DescriptorPlan {
  /** How many connections there may be. */
  readonly maxConnections: number;
  /** How many may wait besides. */
  readonly backlog: number;
}

/** More connections than this have to be asked for. */
const MOST_BY_DEFAULT = 65_536;

/** Where the limit is unknown and a lack would be the end. */
const FEW_BY_DEFAULT = 960;

/** The shortest queue that a server is left with, unless it asked for less. */
const LEAST_BACKLOG = 16;

/** What the process itself may need: files, pipes, other sockets. */
const RESERVE = 64;

/** What is left over for what is opened later. */
const SPARE = 16;

/**
 * Shares the descriptors of the process out, so that they suffice whoever
 * comes: those that wait, those that are served, and the process's own.
 *
 * @throws {RangeError} if they do not.
 */
export function planDescriptors(
  facts: DescriptorFacts,
  asked: AskedLimits,
): DescriptorPlan {
  const { limit, takesAhead } = facts;
  if (limit === undefined || limit === Infinity) {
    return planBlindly(facts, asked);
  }
  const reserve = reserveOf(limit, facts.open);
  const budget = Math.floor((limit - reserve) / facts.sharers);
  const backlog = backlogWithin(budget, takesAhead, asked);
  const waiting = takesAhead ? backlog : 0;
  const most = asked.maxConnections ??
    Math.min(MOST_BY_DEFAULT, Math.floor(budget * 0.9) - waiting);
  if (most >= 1 && most + waiting <= budget) {
    return { maxConnections: most, backlog };
  }
  throw new RangeError(
    `The process may have ${limit} descriptors: there are not enough for ` +
      `${asked.maxConnections ?? "any"} connections, ${waiting} that wait, ` +
      `and ${reserve} of its own${ofEach(facts)}`,
  );
}

function planBlindly(
  { limit, takesAhead, sharers }: DescriptorFacts,
  { maxConnections, backlog = SOMAXCONN }: AskedLimits,
): DescriptorPlan {
  const isBounded = takesAhead && limit === undefined;
  const most = isBounded
    ? Math.max(1, Math.floor(FEW_BY_DEFAULT / sharers))
    : MOST_BY_DEFAULT;
  return { maxConnections: maxConnections ?? most, backlog };
}

function ofEach({ sharers }: DescriptorFacts): string {
  return sharers === 1 ? "" : `, in each of ${sharers} threads`;
}

/** At least 64, and what is open already; less where there are few at all. */
function reserveOf(limit: number, open: number | undefined): number {
  const least = Math.min(RESERVE, Math.floor(limit / 4));
  return open === undefined ? RESERVE : Math.max(least, open + SPARE);
}

/** The queue, as long as there is room for it. */
function backlogWithin(
  budget: number,
  takesAhead: boolean,
  { maxConnections, backlog = SOMAXCONN }: AskedLimits,
): number {
  if (!takesAhead) return backlog;
  const room = maxConnections === undefined
    ? Math.floor(budget / 8)
    : budget - maxConnections;
  return Math.min(backlog, Math.max(LEAST_BACKLOG, room));
}

/** What an address counts for: an IPv6 host is all of its /64. */
export function hostOf(address: Address): string {
  if (address.family === "unix") return "unix";
  if (address.family === "ipv4") return address.hostname;
  const [host = "", zone] = address.hostname.split("%");
  const bytes = parseIPv6(host);
  if (bytes === undefined) return address.hostname;
  // Else all of IPv4 would be one host to a listener for both.
  if (isMapped(bytes)) return bytes.subarray(12).join(".");
  const network = bytes.subarray(0, 8).join(":");
  return zone === undefined ? network : `${network}%${zone}`;
}

/** Whether the address is ::ffff:0:0/96, an IPv4 address in IPv6's clothes. */
export function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 && bytes[11] === 255;
}

/** How many connections each host has, of those that have any. */
export class HostTable {
  readonly #most: number;
  readonly #counts: Map<string, number> = new Map();

  /** A table in which a host may have `most` connections. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many hosts have connections. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts one more connection of the host, unless it has enough. */
  enter(host: string): boolean {
    if (this.#most === Infinity) return true;
    const count = this.#counts.get(host) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(host, count + 1);
    return true;
  }

  /** One connection of the host is over. */
  leave(host: string): void {
    if (this.#most === Infinity) return;
    const count = this.#counts.get(host);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(host, count - 1);
    else this.#counts.delete(host);
  }
}
