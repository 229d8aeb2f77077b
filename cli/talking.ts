/**
 * What `connect` and `listen` have in common: the options of a conversation.
 *
 * @module
 */

import type { StreamSocket } from "../mod.ts";
import type { Given, Options } from "./command.ts";
import { UsageError } from "./exit.ts";
import type { Manner } from "./exchange.ts";
import { codecOf, FRAME } from "./frames.ts";
import { type Io, line } from "./io.ts";
import { paintFor } from "./paint.ts";
import { trafficText } from "./progress.ts";
import { tlsText } from "./tls.ts";
import { milliseconds } from "./values.ts";

/** How bytes are shown, and when it ends. */
export const MANNERS: Options = {
  frame: FRAME,
  hex: { short: "x", help: "show what comes in hexadecimal" },
  "no-half-close": { help: "keep our side open when the input ends" },
  verbose: { short: "v", help: "tell of the connection on standard error" },
};

/**
 * The manner that the options ask for.
 *
 * @throws {UsageError}
 */
export function mannerOf(given: Given): Manner {
  return {
    codec: codecOf(given),
    isHex: given.flag("hex"),
    halfCloses: !given.flag("no-half-close"),
    silenceMs: milliseconds(given, "timeout"),
  };
}

/**
 * Complains about flags that have no sense beside another.
 *
 * @throws {UsageError}
 */
export function demandNone(
  given: Given,
  because: string,
  names: readonly string[],
): void {
  const name = names.find((each) =>
    given.flag(each) || given.text(each) !== undefined
  );
  if (name !== undefined) {
    throw new UsageError(`--${name} does not go with --${because}`);
  }
}

/** Tells of a connection that has come about, to who wants to know. */
export async function tellOf(
  sock: StreamSocket,
  how: string,
  given: Given,
  io: Io,
): Promise<void> {
  if (!given.flag("verbose")) return;
  const { dim } = paintFor(io, io.errors);
  const tls = sock.tls === undefined ? "" : `, ${tlsText(sock.tls)}`;
  await line(io.errors, dim(`${how}${tls}`));
}

/** Tells what went and came. */
export async function tellEnd(
  sock: StreamSocket,
  start: number,
  given: Given,
  io: Io,
): Promise<void> {
  if (!given.flag("verbose")) return;
  const { dim } = paintFor(io, io.errors);
  await line(io.errors, dim(trafficText(sock, performance.now() - start)));
}
