/**
 * What tests of servers with workers share.
 *
 * @module
 */

import { channel } from "node:diagnostics_channel";
import { capabilities, connect, type SocketError } from "../../../mod.ts";
import {
  serve,
  type ServeOptions,
  type Server,
  type WorkerKind,
  type WorkerOptions,
} from "../../../src/server/mod.ts";
import { until } from "../support.ts";

/** Whether threads can share a port here. */
export const HAS_THREADS: boolean = capabilities().reusePort === true;

/** The kinds of workers that there are here. */
export const KINDS: readonly WorkerKind[] = HAS_THREADS
  ? ["thread", "process"]
  : ["process"];

/** A module of `tests/fixtures/server/workers/`, compiled where tests are. */
export function fixture(name: string): URL {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const path = `../../fixtures/server/workers/${name}${extension}`;
  return new URL(path, import.meta.url);
}

/** What is published of a server's workers. */
export interface WorkerEvent {
  readonly server: Server;
  readonly worker: number;
  readonly event: "up" | "died" | "stuck";
  readonly exitCode?: number;
  readonly goesOn?: boolean;
}

/** Held, because Bun forgets a channel that nobody holds, and who hears it. */
const EVENTS = channel("anysock:server:worker");

/** A server with workers, and what becomes of them. */
export interface Served {
  readonly server: Server;
  readonly errors: unknown[];
  readonly events: WorkerEvent[];
  /** Settles when so many have come up in all. */
  whenUp(count: number): Promise<void>;
}

/** Serves by workers for as long as `fn` takes. */
export async function withWorkers(
  workers: WorkerOptions,
  fn: (served: Served) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  const errors: unknown[] = [];
  const events: WorkerEvent[] = [];
  const told = (message: unknown) => void events.push(message as WorkerEvent);
  EVENTS.subscribe(told);
  try {
    await using server = await serve("127.0.0.1:0", fixture("echo_handler"), {
      ...{ workers, graceMs: 1_000, onError: (error) => errors.push(error) },
      ...options,
    });
    const whenUp = (count: number) =>
      until(() => events.filter((each) => each.event === "up").length >= count);
    await fn({ server, errors, events, whenUp });
  } finally {
    EVENTS.unsubscribe(told);
  }
}

/** The answer of a worker, or how its connection ended. */
export async function askOne(server: Server, text: string): Promise<string> {
  try {
    await using client = await connect(server.address, { timeoutMs: 5_000 });
    await client.sendAll(text);
    const bytes = await client.recv({ timeoutMs: 5_000 });
    return bytes === null ? "end" : new TextDecoder().decode(bytes);
  } catch (error) {
    return (error as SocketError).code;
  }
}

/** Clients that ask again and again who answers. */
export class Load {
  /** The answers. */
  readonly answers: string[] = [];
  /** What came in the place of answers. */
  readonly losses: string[] = [];
  readonly #clients: readonly Promise<void>[];
  #isOver = false;

  /** Begins with so many clients. */
  constructor(server: Server, clients: number) {
    this.#clients = Array.from(
      { length: clients },
      () => this.#run(server),
    );
  }

  /** Settles when so many more answers have come. */
  async more(count: number): Promise<void> {
    const enough = this.answers.length + count;
    await until(() => this.answers.length >= enough);
  }

  /** Settles when the last answer has come. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #run(server: Server): Promise<void> {
    while (!this.#isOver) {
      const answer = await askOne(server, "who");
      if (/^w\d+\/\d+$/.test(answer)) this.answers.push(answer);
      else this.losses.push(answer);
      // Workers that begin need the processors, too.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
