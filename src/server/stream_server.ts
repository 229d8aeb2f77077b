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

  /** Begins to accept at once. */
  constructor(init: ServerInit) {
    this.#core = new ServerCore(this, init);
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
    return this.#core.stop(
      graceMs === undefined ? undefined : checkGrace(graceMs),
    );
  }

  ref(): void {
    this.#core.ref(true);
  }

  unref(): void {
    this.#core.ref(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core.stop();
  }
}
