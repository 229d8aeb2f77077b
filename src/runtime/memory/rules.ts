/**
 * What may happen to bytes on their way: the rules of a link, whom they are
 * meant for, and how several become one.
 *
 * @module
 */

import { show } from "../../address.ts";
import { checkOptions } from "../../deadline.ts";

/** What travels. */
export type Protocol = "tcp" | "udp" | "unix";

/**
 * Which packets a rule is meant for; what is left out fits all. `port` is the
 * one that was connected, or sent, to; in both directions.
 */
export interface LinkMatch {
  /** The host that sends. */
  readonly from?: string;
  /** The host that receives. */
  readonly to?: string;
  /** Both ways between two hosts. */
  readonly between?: readonly [string, string];
  /** The server's port. */
  readonly port?: number;
  /** The protocol. */
  readonly proto?: Protocol;
}

/**
 * What a link does to what it carries, one way. Rates are probabilities from
 * 0 (never) to 1 (always).
 */
export interface LinkRules {
  /**
   * How long a packet takes, in milliseconds, or from how long to how long by
   * chance; default 1, and 0.01 within a host.
   */
  readonly latencyMs?: number | readonly [min: number, max: number];
  /**
   * Bytes a second; default `Infinity`. Datagrams wait in a queue of 64 KiB,
   * and are lost where it is full.
   */
  readonly bytesPerSecond?: number;
  /**
   * How often a packet gets lost; default 0. A datagram is gone; what a stream
   * loses is sent again after 200 ms, doubling to 120 s, as a kernel does.
   */
  readonly lossRate?: number;
  /** How often a datagram comes twice; default 0. */
  readonly duplicateRate?: number;
  /** How often a datagram is overtaken by later ones; default 0. */
  readonly reorderRate?: number;
  /** How often one bit of a datagram is wrong; default 0. */
  readonly corruptRate?: number;
  /**
   * Bytes of the largest packet; default 1,500, and 65,536 within a host. A
   * larger datagram goes in fragments, and is lost if one of them is.
   */
  readonly mtuBytes?: number;
  /**
   * From how large to how large the chunks are in which bytes are received, by
   * chance; they are joined where they meet. Default: as they come.
   */
  readonly chunkBytes?: readonly [min: number, max: number];
  /** How often the driver takes less of a write than there is room for. */
  readonly shortWriteRate?: number;
  /** How often the driver reads the memory of a write in a later turn. */
  readonly lateWriteRate?: number;
  /** Bytes that a receiver holds for its program; default 65,536. */
  readonly windowBytes?: number;
  /** The stream is reset, at both ends, before it carries this byte. */
  readonly resetAtByte?: number;
  /** From this byte on, nothing of the stream gets through any more. */
  readonly silentAfterByte?: number;
  /** The stream ends before this byte; what follows is never seen. */
  readonly endAtByte?: number;
  /**
   * What becomes of who connects: refused by a RST, never answered, told that
   * there is no way, or connected and reset at once.
   */
  readonly connect?: "refuse" | "silent" | "unreachable" | "reset";
  /** The most connections that a listener lets wait; default its own. */
  readonly backlog?: number;
  /** The receiver's kernel takes nothing: alive, and its window is 0. */
  readonly stopAcks?: boolean;
  /** How looking up a name ends, or the addresses of names. */
  readonly names?:
    | "EAI_NONAME"
    | "EAI_AGAIN"
    | "timeout"
    | Readonly<Record<string, readonly string[]>>;
  /** How long looking up a name takes; default 0. */
  readonly lookupMs?: number;
}

/** The rules that hold for one way, one protocol and one port. */
export interface Rules extends LinkRules {
  /** How long a packet takes at least. */
  readonly minLatencyMs: number;
  /** How long a packet takes at most. */
  readonly maxLatencyMs: number;
  readonly lossRate: number;
  readonly mtuBytes: number;
  readonly windowBytes: number;
  /** Bytes of a stream that are taken from a writer before he waits. */
  readonly sendBytes: number;
  /** Whether nothing gets through. */
  readonly isCut: boolean;
}

/** One way that a packet goes. */
export interface Way {
  /** The host that sends. */
  readonly from: string;
  /** The host that receives. */
  readonly to: string;
  readonly proto: Protocol;
  /** The server's port; 0 where there is none. */
  readonly port: number;
}

const MATCH_NAMES = ["from", "to", "between", "port", "proto"] as const;

/** What the values of rules must be. */
const CHECKS: Readonly<Record<keyof LinkRules, (value: unknown) => boolean>> = {
  latencyMs: (value) => isAmount(value) || isRange(value, 0),
  bytesPerSecond: (value) => typeof value === "number" && value > 0,
  lossRate: isRate,
  duplicateRate: isRate,
  reorderRate: isRate,
  corruptRate: isRate,
  mtuBytes: (value) => isCount(value) && value >= 68,
  chunkBytes: (value) => isRange(value, 1) && value.every(isCount),
  shortWriteRate: isRate,
  lateWriteRate: isRate,
  windowBytes: (value) => isCount(value) && value >= 1,
  resetAtByte: isCount,
  silentAfterByte: isCount,
  endAtByte: isCount,
  connect: (value) =>
    ["refuse", "silent", "unreachable", "reset"].includes(value as string),
  backlog: (value) => isCount(value) && value >= 1,
  stopAcks: (value) => typeof value === "boolean",
  names: (value) =>
    ["EAI_NONAME", "EAI_AGAIN", "timeout"].includes(value as string) ||
    (typeof value === "object" && value !== null),
  lookupMs: isAmount,
};

/** The names of all rules. */
const RULE_NAMES: readonly (keyof LinkRules)[] = Object.keys(
  CHECKS,
) as (keyof LinkRules)[];

/**
 * Gives rules back if they can be kept.
 *
 * @throws {TypeError} if there is no such rule.
 * @throws {RangeError} if its value is none.
 */
export function checkRules(rules: LinkRules): LinkRules {
  checkOptions(rules, RULE_NAMES);
  for (const [name, value] of Object.entries(rules)) {
    if (value === undefined) continue;
    if (CHECKS[name as keyof LinkRules](value)) continue;
    throw new RangeError(`${name} cannot be ${shown(value)}`);
  }
  return rules;
}

/** @throws {TypeError} unless whom a rule is meant for can be told. */
export function checkMatch(match: LinkMatch): LinkMatch {
  checkOptions(match, MATCH_NAMES);
  const { between } = match;
  if (between === undefined) return match;
  if (Array.isArray(between) && between.length === 2) return match;
  throw new TypeError(`between must be two hosts: ${shown(between)}`);
}

function shown(value: unknown): string {
  return Array.isArray(value) ? JSON.stringify(value) : show(value);
}

function isRate(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRange(value: unknown, least: number): value is [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [min, max] = value as unknown[];
  return isAmount(min) && isAmount(max) && min >= least && min <= max;
}

/** Whether a rule is meant for a way. */
export function fits(match: LinkMatch, way: Way): boolean {
  const { from, to, between, port, proto } = match;
  if (from !== undefined && from !== way.from) return false;
  if (to !== undefined && to !== way.to) return false;
  if (port !== undefined && port !== way.port) return false;
  if (proto !== undefined && proto !== way.proto) return false;
  if (between === undefined) return true;
  const [one, other] = between;
  return (one === way.from && other === way.to) ||
    (one === way.to && other === way.from);
}

/** What holds within a host: Linux gives its loopback packets of 64 KiB. */
export const WITHIN_HOST: LinkRules = { latencyMs: 0.01, mtuBytes: 65_536 };

/** What holds between hosts. */
export const BETWEEN_HOSTS: LinkRules = { latencyMs: 1, mtuBytes: 1_500 };

/** 64 KiB: what a receiver holds for a program that does not read. */
const DEFAULT_WINDOW_BYTES = 65_536;

/** What all these say together: the later one wins, member by member. */
export function mergeRules(all: readonly LinkRules[], isCut = false): Rules {
  const merged: LinkRules = Object.assign({}, ...all);
  const { latencyMs = 0, lossRate = 0, mtuBytes = 65_536 } = merged;
  const { windowBytes = DEFAULT_WINDOW_BYTES } = merged;
  const [minLatencyMs, maxLatencyMs] = typeof latencyMs === "number"
    ? [latencyMs, latencyMs]
    : latencyMs;
  return {
    ...merged,
    minLatencyMs,
    maxLatencyMs,
    lossRate,
    mtuBytes,
    windowBytes,
    sendBytes: windowBytes,
    isCut,
  };
}
