/**
 * Connections through a proxy: who comes is carried to the target.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { Address } from "../../contracts.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { Listener, StreamSocket } from "../../socket/mod.ts";
import { ProxiedConnection } from "./proxied_connection.ts";
import type { ProxyWire } from "./proxy_wire.ts";

/** How long it waits until it accepts again where that failed. */
const PAUSE_MS = 100;

/** Carries connections between clients and one target. */
export class StreamRelay {
  readonly #wire: ProxyWire;
  readonly #front: Listener;
  readonly #target: Endpoint;
  readonly #runtime: Runtime;
  readonly #open: Map<ProxiedConnection, Promise<void>> = new Map();
  #toFail = 0;
  #known = 0;

  /** Begins with `run`. */
  constructor(
    wire: ProxyWire,
    front: Listener,
    target: Endpoint,
    runtime: Runtime,
  ) {
    this.#wire = wire;
    this.#front = front;
    this.#target = target;
    this.#runtime = runtime;
  }

  /** Where clients connect to. */
  get address(): Address {
    return this.#front.getSockName();
  }

  /** How many connections are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Carries until it is closed. */
  async run(): Promise<void> {
    while (!this.#front.isClosed) {
      const got = await this.#front.accept().catch(() => undefined);
      if (got !== undefined) this.#take(got[0]);
      else if (!this.#front.isClosed) await this.#pause();
    }
  }

  /** The next so many connections are reset at once. */
  failNext(times: number): void {
    this.#toFail = times;
  }

  /** Resets all connections. */
  forget(): void {
    for (const connection of [...this.#open.keys()]) connection.broken();
  }

  /** Stops, and resets what is open. */
  async close(): Promise<void> {
    await this.#front.close();
    for (const connection of [...this.#open.keys()]) connection.abandon();
    await Promise.all(this.#open.values());
  }

  #take(client: StreamSocket): void {
    const name = `c${++this.#known}`;
    const connection = new ProxiedConnection(this.#wire, name, client);
    const isToFail = this.#toFail > 0;
    if (isToFail) {
      this.#toFail--;
      this.#wire.remark(`${name} is reset`);
      connection.broken();
    }
    const running = connection.run(this.#target, this.#runtime)
      .finally(() => this.#open.delete(connection));
    this.#open.set(connection, running);
  }

  /** Where descriptors have run out, they may have come back by then. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#wire.clock.start(PAUSE_MS, resolve);
    });
  }
}
