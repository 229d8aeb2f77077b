/**
 * A server of streams, as programs see it.
 *
 * @module
 */

import type { Address } from "../contracts.ts";
import { checkOptions } from "../deadline.ts";
import { ServerCore, type ServerInit } from "./core.ts";
import { checkGrace } from "./options.ts";
import type {
  ConnectionContext,
  Server,
  StopOptions,
  StopReport,
} from "./server.ts";
import type { ServerStats } from "./stats.ts";

/** The face of a server. */
export class StreamServer implements Server {
  readonly #core: ServerCore;
  readonly #onStop: (graceMs: number | undefined) => void;

  /** Begins to accept at once. `onStop` is told when the program stops it. */
  constructor(
    init: ServerInit,
    onStop: (graceMs: number | undefined) => void = ignore,
  ) {
    this.#core = new ServerCore(this, init);
    this.#onStop = onStop;
  }

  get address(): Address {
    return this.#core.address;
  }

  get state(): Server["state"] {
    return this.#core.state;
  }

  get connections(): ReadonlySet<ConnectionContext> {
    return this.#core.connections;
  }

  get stats(): ServerStats {
    return this.#core.stats;
  }

  get closed(): Promise<StopReport> {
    return this.#core.closed;
  }

  // deno-lint-ignore require-await -- misuse rejects, as in all async calls
  async stop(options: StopOptions = {}): Promise<StopReport> {
    checkOptions(options, ["graceMs"]);
    const { graceMs } = options;
    const checked = graceMs === undefined ? undefined : checkGrace(graceMs);
    this.#onStop(checked);
    return this.#core.stop(checked);
  }

  /** Stops, and tells nobody that it does. */
  stopHere(graceMs: number): Promise<StopReport> {
    return this.#core.stop(graceMs);
  }

  ref(): void {
    this.#core.ref(true);
  }

  unref(): void {
    this.#core.ref(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function ignore(): void {}
