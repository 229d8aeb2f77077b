/**
 * A worker of a server, seen from within: it listens beside its like, serves,
 * and says how it goes.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import { currentRuntime } from "../../runtime/detect.ts";
import type { Host } from "../../runtime/seam/host.ts";
import type { WorkerParent } from "../../runtime/seam/workers.ts";
import { loadHandler } from "../module.ts";
import { openListener, tlsOf } from "../opening.ts";
import { DEFAULT_GRACE_MS, planOf, type ServePlan } from "../options.ts";
import type { StopReport } from "../server.ts";
import { Tally } from "../stats.ts";
import { StreamServer } from "../stream_server.ts";
import { enterWorker } from "./inside.ts";
import type { FromWorker, Orders, ToWorker } from "./messages.ts";
import { toSent } from "./sent_error.ts";

/** How often figures are sent, if they have changed. */
const STATS_MS = 250;

/** Hears what the parent says, from now on. */
export function runWorker(): void {
  const { host, clock } = currentRuntime();
  const parent = host?.workers.parent();
  if (host === undefined || parent === undefined) {
    throw new TypeError("This module is for workers, which serve() starts");
  }
  enterWorker();
  new Worker(host, parent, clock);
}

class Worker {
  readonly #host: Host;
  readonly #parent: WorkerParent;
  readonly #clock: Clock;
  #server: StreamServer | undefined;
  #graceMs: number = DEFAULT_GRACE_MS;
  #isStopping = false;
  #isOrphan = false;
  #sentStats = "";

  constructor(host: Host, parent: WorkerParent, clock: Clock) {
    this.#host = host;
    this.#parent = parent;
    this.#clock = clock;
    parent.attach(
      (message) => this.#heard(message as ToWorker),
      () => this.#orphaned(),
    );
    this.#say({ type: "ready" });
  }

  #say(message: FromWorker): void {
    this.#parent.post(message);
  }

  #heard(message: ToWorker): void {
    switch (message.type) {
      case "start":
        return void this.#start(message.orders);
      case "stop":
        return this.#stop(message.graceMs);
      case "ping":
        return this.#say({ type: "pong" });
    }
  }

  // ---- serving

  async #start(orders: Orders): Promise<void> {
    for (const name of orders.ignores) this.#host.onSignal(name, ignore);
    let address: Address | undefined;
    try {
      address = await this.#serve(orders);
    } catch (error) {
      return this.#say({ type: "failed", error: toSent(error) });
    }
    if (address === undefined) return;
    this.#say({ type: "up", address });
    this.#sendStats();
  }

  /** Listens; gives no address if it was told to stop meanwhile. */
  async #serve(orders: Orders): Promise<Address | undefined> {
    const { module, data, address, options, reusePort, room } = orders;
    const plan = { ...planOf(options), onError: this.#errorSender(orders) };
    this.#graceMs = plan.graceMs;
    const tls = await tlsOf(plan.runtime, options);
    const handler = await loadHandler(new URL(module), data);
    if (this.#isStopping) return undefined;
    const asked = { ...options, ...reusePort && { reusePort } };
    const opened = await openListener(address, plan, asked, tls, room);
    if (this.#isStopping) {
      await opened.listener.close();
      return undefined;
    }
    this.#server = new StreamServer(
      { ...opened, handler, plan },
      (graceMs) => this.#say({ type: "stop", graceMs }),
    );
    void this.#server.closed.then((report) => this.#stopped(report));
    return this.#server.address;
  }

  #errorSender({ sendsErrors }: Orders): ServePlan["onError"] {
    if (!sendsErrors) return undefined;
    return (error) => this.#say({ type: "error", error: toSent(error) });
  }

  #sendStats(): void {
    if (this.#server === undefined || this.#server.state === "closed") return;
    const { stats } = this.#server;
    const text = JSON.stringify(stats);
    if (text !== this.#sentStats) this.#say({ type: "stats", stats });
    this.#sentStats = text;
    this.#clock.start(STATS_MS, () => this.#sendStats()).ref?.(false);
  }

  // ---- stopping

  #stop(graceMs: number): void {
    this.#isStopping = true;
    if (this.#server === undefined) return this.#stopped(NOTHING);
    void this.#server.stopHere(graceMs);
  }

  #stopped(report: StopReport): void {
    const stats = this.#server?.stats ?? new Tally().read([]);
    this.#say({ type: "stopped", report, stats });
    this.#leave();
  }

  /** Nobody is left to be told; clients are let down gently all the same. */
  #orphaned(): void {
    this.#isOrphan = true;
    this.#stop(Math.min(this.#graceMs, DEFAULT_GRACE_MS));
  }

  #leave(): void {
    if (this.#isOrphan) this.#parent.exit();
    else this.#parent.leave();
  }
}

/** What a stop comes to before anything has begun. */
const NOTHING: StopReport = { finished: 0, reset: 0 };

function ignore(): void {}
