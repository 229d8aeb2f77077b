/**
 * Which rules of a link a proxy between real processes can keep.
 *
 * @module
 */

import { checkRules, type LinkRules } from "../../runtime/memory/rules.ts";

/** What a proxy carries. */
export type ProxyProtocol = "tcp" | "udp";

/** Towards the target, or back. */
export type ProxyWay = "up" | "down";

const OF_STREAMS: readonly (keyof LinkRules)[] = [
  "latencyMs",
  "bytesPerSecond",
  "chunkBytes",
  "windowBytes",
  "resetAtByte",
  "silentAfterByte",
  "endAtByte",
  "stopAcks",
  "connect",
];

const OF_DATAGRAMS: readonly (keyof LinkRules)[] = [
  "latencyMs",
  "bytesPerSecond",
  "lossRate",
  "duplicateRate",
  "reorderRate",
  "corruptRate",
  "mtuBytes",
];

/**
 * Rules for one way through a proxy. What it could only pretend to keep is
 * refused by name.
 *
 * @throws {TypeError} if there is no such rule, or a proxy cannot keep it.
 * @throws {RangeError} if its value is none.
 */
export function checkProxyRules(
  rules: LinkRules,
  proto: ProxyProtocol,
  way: ProxyWay,
): LinkRules {
  checkRules(rules);
  const kept = proto === "tcp" ? OF_STREAMS : OF_DATAGRAMS;
  for (const name of Object.keys(rules) as (keyof LinkRules)[]) {
    if (rules[name] === undefined || kept.includes(name)) continue;
    throw new TypeError(
      `A proxy of ${proto === "tcp" ? "streams" : "datagrams"} cannot keep ` +
        `${name}; it keeps ${kept.join(", ")}`,
    );
  }
  checkConnect(rules.connect, way);
  return { ...rules };
}

function checkConnect(connect: LinkRules["connect"], way: ProxyWay): void {
  if (connect === undefined) return;
  if (way === "down") throw new TypeError("connect is a rule of the way up");
  if (connect === "silent" || connect === "reset") return;
  throw new TypeError(
    `A proxy cannot keep connect: "${connect}", as its kernel has let the ` +
      `client in by then; it keeps "silent" and "reset"`,
  );
}
