/**
 * Runs the laws of pipes over anybody's connections.
 *
 * @module
 */

import { checkOptions } from "../../deadline.ts";
import { bounded, LawBroken } from "../expect.ts";
import type { MakePipe, Pipe, PipeNeeds } from "./pipe.ts";

/** What a law of pipes works with. */
export interface PipeBench {
  /** How much is sent where much is sent. */
  readonly bytes: number;
  /** Two connected ends, which are closed when the law is over. */
  readonly pair: (needs?: PipeNeeds) => Promise<Pipe>;
}

/** A promise that every connection keeps, whoever has made it. */
export interface PipeLaw {
  /** *Subject does what when*. */
  readonly name: string;
  /** Whether the server's end must be able to reset. */
  readonly resets?: boolean;
  /** Rejects if the promise is broken. */
  run(bench: PipeBench): Promise<void>;
}

/** How pipes are checked. */
export interface CheckPipeOptions {
  /** Laws that are not run: name → reason. */
  readonly skip?: Readonly<Record<string, string>>;
  /** Which laws; default {@linkcode pipeLaws}. */
  readonly laws?: readonly PipeLaw[];
  /** How much is sent where much is sent; default 4 MiB. */
  readonly bytes?: number;
  /** Milliseconds until a law counts as hung; default 10,000. */
  readonly watchdogMs?: number;
}

/** What became of a law. */
export interface PipeResult {
  /** The law's name. */
  readonly law: string;
  /** Whether it holds. */
  readonly result: "pass" | "fail" | "skip";
  /** Why it does not hold, or was not run. */
  readonly reason?: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Why a law of resets is not run. */
export const NO_RESET = "its end cannot be reset";

const DEFAULT_BYTES = 4_194_304;
const WATCHDOG_MS = 10_000;

/** How long the ruins of a law that broke may take. */
const RUINS_MS = 500;

/** Runs laws one after another, each over pipes of its own. */
export async function* checkLaws(
  make: MakePipe,
  laws: readonly PipeLaw[],
  options: CheckPipeOptions,
): AsyncGenerator<PipeResult, void, undefined> {
  checkOptions(options, ["skip", "laws", "bytes", "watchdogMs"]);
  const { skip = {}, watchdogMs = WATCHDOG_MS } = options;
  const { bytes = DEFAULT_BYTES } = options;
  if (!(bytes >= 1)) throw new RangeError(`bytes is 1 or more: ${bytes}`);
  if (!(watchdogMs > 0)) throw new RangeError(`watchdogMs: ${watchdogMs}`);
  const unknown = Object.keys(skip)
    .find((name) => !laws.some((law) => law.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`There is no law to skip: ${unknown}`);
  }
  for (const law of laws) {
    const reason = skip[law.name];
    if (reason !== undefined) {
      yield { law: law.name, result: "skip", reason, ms: 0 };
    } else yield await check(law, new Bench(make, bytes), watchdogMs);
  }
}

async function check(
  law: PipeLaw,
  bench: Bench,
  watchdogMs: number,
): Promise<PipeResult> {
  const start = performance.now();
  const told = (result: PipeResult["result"], reason?: string): PipeResult => {
    const ms = performance.now() - start;
    return { law: law.name, result, ms, ...(reason && { reason }) };
  };
  try {
    await bounded(law.name, watchdogMs, law.run(bench));
  } catch (error) {
    await bounded("", RUINS_MS, bench.end()).catch(() => {});
    if (error instanceof CannotReset) return told("skip", NO_RESET);
    return told("fail", textOf(error));
  }
  const what = "what was open is not released";
  try {
    await bounded(what, watchdogMs, bench.end());
  } catch (error) {
    return told("fail", textOf(error));
  }
  return told("pass");
}

function textOf(error: unknown): string {
  if (error instanceof LawBroken) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const name = typeof code === "string" ? code : error.name;
  return error.message.includes(name)
    ? error.message
    : `${name}: ${error.message}`;
}

/** The pipe has no `reset`. */
class CannotReset extends Error {}

class Bench implements PipeBench {
  readonly bytes: number;
  readonly #make: MakePipe;
  readonly #pipes: Pipe[] = [];

  constructor(make: MakePipe, bytes: number) {
    this.#make = make;
    this.bytes = bytes;
  }

  readonly pair = async (needs: PipeNeeds = {}): Promise<Pipe> => {
    const pipe = await this.#make(needs);
    this.#pipes.push(pipe);
    if (needs.resets && pipe.server.reset === undefined) {
      throw new CannotReset();
    }
    return pipe;
  };

  async end(): Promise<void> {
    await Promise.all(this.#pipes.map(async ({ client, server, stop }) => {
      const ends = [client, server];
      await Promise.allSettled(ends.map(async (end) => await end.close()));
      await stop?.();
    }));
  }
}
