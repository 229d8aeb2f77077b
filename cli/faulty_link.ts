/**
 * A proxy that is a bad link: it keeps rules, tells its trace, and changes as
 * lines on standard input say.
 *
 * @module
 */

import type { Address, HostAndPort } from "../mod.ts";
import type { FaultyProxy, TraceEvent } from "../src/testing/mod.ts";
import type { Given, Options } from "./command.ts";
import { UsageError } from "./exit.ts";
import { type Io, line } from "./io.ts";
import {
  type BothWays,
  LINK_RULES,
  rulesAfter,
  rulesGiven,
  rulesOf,
} from "./link_rules.ts";
import { paintFor } from "./paint.ts";
import { untilStopped } from "./serving.ts";

/** So many events wait for a reader of our output; further ones are counted. */
const MOST_WAITING = 10_000;

/** The options that make a bad link of a proxy. */
export const FAULTY_LINK: Options = {
  ...LINK_RULES,
  way: {
    value: "WAY",
    choices: ["up", "down", "both"],
    help: "where rules hold: to TO, back, both (both)",
  },
  udp: { short: "u", help: "datagrams" },
  seed: { value: "N", help: "what chance depends on (1)" },
};

/** The first option that makes one, if any was given. */
export function faultGiven(given: Given): string | undefined {
  return rulesGiven(given)[0] ??
    ["way", "udp", "seed"].find((name) =>
      given.flag(name) || given.text(name) !== undefined
    );
}

/** Runs it until Ctrl-C. */
export async function runFaultyLink(
  from: Address | HostAndPort,
  to: Address | HostAndPort,
  given: Given,
  io: Io,
): Promise<number> {
  const isUdp = given.flag("udp");
  if (isUdp && ("path" in from || "path" in to)) {
    throw new UsageError("--udp takes HOST:PORT");
  }
  const rules = rulesOf(given, isUdp);
  const seed = seedOf(given);
  let stop!: () => void;
  const stopped = new Promise<void>((resolve) => stop = resolve);
  const journal = new Journal(io, given.flag("quiet"), stop);
  const { faultyProxy } = await import("../src/testing/mod.ts");
  const proxy = await faultyProxy(to, {
    listen: from,
    proto: isUdp ? "udp" : "tcp",
    ...rules,
    seed,
    onEvent: (event) => journal.tell(event),
  });
  const closed = stopped.then(() => proxy.close());
  // An input that fails has nothing more to say.
  obey(new Lever(proxy, rules, isUdp), io).catch(() => {});
  const server = {
    address: proxy.address,
    closed,
    stop() {
      stop();
      return closed;
    },
  };
  const code = await untilStopped(
    server,
    io,
    () => clientsText(journal.clients),
  );
  await journal.flushed();
  return code;
}

function clientsText(count: number): string {
  return count === 1 ? "1 client" : `${count} clients`;
}

function seedOf(given: Given): number {
  const text = given.text("seed") ?? "1";
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--seed is a whole number: ${JSON.stringify(text)}`);
}

/** Does what lines say; one that says nothing known is told so. */
async function obey(lever: Lever, io: Io): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of io.input) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const each of lines) {
      const words = each.trim().split(/\s+/);
      if (words[0] === "") continue;
      const complaint = lever.pull(words);
      if (complaint !== undefined) await line(io.errors, complaint);
    }
  }
}

/** What changes a proxy while it runs. */
class Lever {
  readonly #proxy: FaultyProxy;
  readonly #isUdp: boolean;
  readonly #cuts: (() => void)[] = [];
  #rules: BothWays;

  constructor(proxy: FaultyProxy, rules: BothWays, isUdp: boolean) {
    this.#proxy = proxy;
    this.#rules = rules;
    this.#isUdp = isUdp;
  }

  /** Does what the words say, or tells what is wrong with them. */
  pull([verb = "", ...words]: readonly string[]): string | undefined {
    try {
      if (verb === "set") return this.#set(words);
      if (verb === "fail") return this.#fail(words);
      if (words.length > 0) throw new UsageError(`${verb} takes no words`);
      return this.#do(verb);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }

  #do(verb: string): undefined {
    if (verb === "cut") this.#cuts.push(this.#proxy.cut());
    else if (verb === "heal") this.#cuts.splice(0).forEach((undo) => undo());
    else if (verb === "reset") this.#proxy.reset();
    else if (verb === "clear") this.#use({ up: {}, down: {} });
    else {
      throw new UsageError(
        `There is no ${verb}; there are cut, heal, reset, fail N, clear, ` +
          `set [WAY] RULE=VALUE`,
      );
    }
  }

  #set(words: readonly string[]): undefined {
    if (words.length === 0) throw new UsageError("set what? latency=200");
    this.#use(rulesAfter(this.#rules, words, this.#isUdp));
  }

  #fail([text = "1", ...more]: readonly string[]): undefined {
    if (!/^\d{1,9}$/.test(text) || more.length > 0) {
      throw new UsageError("fail takes a number of times");
    }
    this.#proxy.failNext(Number(text));
  }

  #use(rules: BothWays): void {
    this.#rules = rules;
    this.#proxy.set(rules.up, rules.down);
  }
}

/** Tells the trace as it comes, at the pace of whoever reads it. */
class Journal {
  /** How many have come: they are `c1`, `c2` and so on. */
  clients = 0;
  readonly #io: Io;
  readonly #isQuiet: boolean;
  readonly #onClosed: () => void;
  #waiting: string[] = [];
  #left = 0;
  #writing: Promise<void> | undefined;
  #failure: unknown;

  constructor(io: Io, isQuiet: boolean, onClosed: () => void) {
    this.#io = io;
    this.#isQuiet = isQuiet;
    this.#onClosed = onClosed;
  }

  /** An event. */
  tell(event: TraceEvent): void {
    const number = Number(/^c(\d+)$/.exec(event.from)?.[1] ?? 0);
    this.clients = Math.max(this.clients, number);
    const isPassing = event.payload !== "";
    if (this.#failure !== undefined || this.#isQuiet && isPassing) return;
    if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(this.#lineOf(event));
    } else this.#left++;
    this.#writing ??= this.#write();
  }

  /** Settles when all is told; rejects if there was nobody to tell it to. */
  async flushed(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #lineOf({ at, from, to, what, payload, isLost }: TraceEvent): string {
    const { cyan, yellow, dim, red } = paintFor(this.#io, this.#io.output);
    const time = String(Math.round(at)).padStart(7);
    if (from === "") return dim(`${time}  ${what}`);
    const arrow = to === "target" ? cyan(">") : yellow("<");
    const [client] = [from, to].filter((each) => each !== "target");
    const text = [what, payload].filter(Boolean).join(" ");
    return `${time}  ${client} ${arrow} ${text}${isLost ? red(" lost") : ""}`;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const lines = this.#waiting;
        this.#waiting = [];
        if (this.#left > 0) lines.push(`${this.#left} events are left out`);
        this.#left = 0;
        await line(this.#io.output, lines.join("\n"));
      }
    } catch (error) {
      this.#failure = error;
      this.#onClosed();
    }
    this.#writing = undefined;
  }
}
