/**
 * The rules of a link, as options and as words of a line.
 *
 * @module
 */

import type { LinkRules } from "../src/testing/mod.ts";
import type { Given, Option, Options } from "./command.ts";
import { UsageError } from "./exit.ts";
import { timeIn } from "./values.ts";

/** Which way a rule holds: to the target, back, or both. */
export type Way = "up" | "down" | "both";

/** The rules of both ways. */
export interface BothWays {
  readonly up: LinkRules;
  readonly down: LinkRules;
}

/** What a rule is about. */
type Carried = "streams" | "datagrams" | "both";

interface RuleOption extends Option {
  readonly rule: keyof LinkRules;
  readonly of: Carried;
  /** Its value; `undefined` where the text is none. */
  readonly read: (text: string) => unknown;
  /** What its value looks like. */
  readonly like: string;
}

const BYTE = {
  of: "streams",
  value: "BYTE",
  read: (text: string) => whole(text, 0),
  like: "a whole number",
} as const;

const RATE = {
  of: "datagrams",
  value: "RATE",
  read: rate,
  like: "from 0 (never) to 1 (always)",
} as const;

const RULES: Readonly<Record<string, RuleOption>> = {
  latency: {
    rule: "latencyMs",
    of: "both",
    value: "MS",
    help: "what a chunk takes, such as 50 or 50..120",
    read: (text) => range(text, timeIn, 0),
    like: "a time such as 50, 2s or 50..120",
  },
  rate: {
    rule: "bytesPerSecond",
    of: "both",
    value: "BYTES",
    help: "bytes a second, of all connections",
    read: (text) => whole(text, 1),
    like: "a whole number from 1 on",
  },
  chunks: {
    rule: "chunkBytes",
    of: "streams",
    value: "BYTES",
    help: "cut into chunks of so many, such as 1..3",
    read: (text) => pair(range(text, (each) => whole(each, 1) ?? NaN, 1)),
    like: "whole numbers from 1 on, such as 3 or 1..3",
  },
  "reset-at": { ...BYTE, rule: "resetAtByte", help: "reset before this byte" },
  "end-at": { ...BYTE, rule: "endAtByte", help: "end before this byte" },
  "silent-after": {
    ...BYTE,
    rule: "silentAfterByte",
    help: "let nothing through from this byte on",
  },
  "stop-acks": {
    rule: "stopAcks",
    of: "streams",
    help: "take nothing: alive, and never reading",
    read: (text) => text === "" || undefined,
    like: "no value",
  },
  window: {
    rule: "windowBytes",
    of: "streams",
    value: "BYTES",
    help: "hold so many of a connection (16 MiB)",
    read: (text) => whole(text, 1),
    like: "a whole number from 1 on",
  },
  clients: {
    rule: "connect",
    of: "streams",
    value: "FATE",
    choices: ["reset", "silent"],
    help: "reset who connects, or never answer",
    read: (text) => ["reset", "silent"].includes(text) ? text : undefined,
    like: "reset or silent",
  },
  loss: { ...RATE, rule: "lossRate", help: "datagrams that get lost" },
  duplicates: { ...RATE, rule: "duplicateRate", help: "that come twice" },
  reorder: { ...RATE, rule: "reorderRate", help: "that are overtaken" },
  corrupt: { ...RATE, rule: "corruptRate", help: "that come with a wrong bit" },
  mtu: {
    rule: "mtuBytes",
    of: "datagrams",
    value: "BYTES",
    help: "fragments get lost apart",
    read: (text) => whole(text, 68),
    like: "a whole number from 68 on",
  },
};

/** The options that are rules of a link. */
export const LINK_RULES: Options = RULES;

/** Those among the options that were given. */
export function rulesGiven(given: Given): readonly string[] {
  return Object.keys(RULES)
    .filter((name) => given.flag(name) || given.text(name) !== undefined);
}

/**
 * The rules that the options say, for one way or both.
 *
 * @throws {UsageError}
 */
export function rulesOf(given: Given, isUdp: boolean): BothWays {
  const words = rulesGiven(given)
    .map((name) => ({ name: `--${name}`, text: given.text(name) ?? "" }));
  const way = (given.text("way") ?? "both") as Way;
  return changed({ up: {}, down: {} }, way, words, isUdp);
}

/**
 * Rules that were changed by words such as `latency=200` or `stop-acks`; the
 * first word may be the way.
 *
 * @throws {UsageError}
 */
export function rulesAfter(
  rules: BothWays,
  words: readonly string[],
  isUdp: boolean,
): BothWays {
  const [first = "", ...rest] = words;
  const isWay = ["up", "down", "both"].includes(first);
  const named = (isWay ? rest : words).map((word) => {
    const [name = "", text = ""] = word.split("=", 2);
    return { name, text };
  });
  return changed(rules, isWay ? first as Way : "both", named, isUdp);
}

function changed(
  { up, down }: BothWays,
  way: Way,
  words: readonly { name: string; text: string }[],
  isUdp: boolean,
): BothWays {
  const change: LinkRules = Object.assign(
    {},
    ...words.map(({ name, text }) => ruleOf(name, text, isUdp)),
  );
  const { connect, ...back } = change;
  if (way === "down" && connect !== undefined) {
    throw new UsageError("clients is a rule of the way up");
  }
  return {
    up: way === "down" ? up : { ...up, ...change },
    down: way === "up" ? down : { ...down, ...back },
  };
}

function ruleOf(name: string, text: string, isUdp: boolean): LinkRules {
  const bare = name.replace(/^--/, "");
  const found = Object.hasOwn(RULES, bare) ? RULES[bare] : undefined;
  if (found === undefined) {
    throw new UsageError(
      `There is no rule ${name}; there are ${Object.keys(RULES).join(", ")}`,
    );
  }
  if (found.of === "datagrams" && !isUdp) {
    throw new UsageError(`${name} goes with --udp`);
  }
  if (found.of === "streams" && isUdp) {
    throw new UsageError(`${name} does not go with --udp`);
  }
  const value = found.read(text);
  if (value !== undefined) return { [found.rule]: value };
  throw new UsageError(`${name} is ${found.like}: ${JSON.stringify(text)}`);
}

function whole(text: string, least: number): number | undefined {
  const value = Number(text);
  return /^\d{1,15}$/.test(text) && value >= least ? value : undefined;
}

function rate(text: string): number | undefined {
  const value = Number(text);
  return /^\d*\.?\d+$/.test(text) && value <= 1 ? value : undefined;
}

/** `A` or `A..B`. */
function range(
  text: string,
  read: (text: string) => number,
  least: number,
): number | readonly [number, number] | undefined {
  const [min = NaN, max = min, ...more] = text.split("..").map(read);
  const isFit = min >= least && max >= min && max < Infinity;
  if (!isFit || more.length > 0) return undefined;
  return text.includes("..") ? [min, max] : min;
}

function pair(
  value: ReturnType<typeof range>,
): readonly [number, number] | undefined {
  return typeof value === "number" ? [value, value] : value;
}
