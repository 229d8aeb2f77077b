/**
 * A server whose connections are served by workers.
 *
 * @module
 */

import { formatAddress } from "../../address.ts";
import type { Clock } from "../../clock.ts";
import type { Address, HostAndPort } from "../../contracts.ts";
import { checkOptions } from "../../deadline.ts";
import { socketError } from "../../errors.ts";
import type {
  RawWorker,
  WorkerHost,
  WorkerKind,
  WorkerSink,
} from "../../runtime/seam/workers.ts";
import { hears, publish } from "../diagnostics.ts";
import { checkGrace, type ServePlan } from "../options.ts";
import { report } from "../report.ts";
import type {
  ConnectionContext,
  Server,
  StopOptions,
  StopReport,
} from "../server.ts";
import type { ServerStats } from "../stats.ts";
import { workerModule } from "./entry_url.ts";
import type { FromWorker, Orders } from "./messages.ts";
import { fromSent } from "./sent_error.ts";
import { type Patience, Slot, type SlotOwner } from "./slot.ts";
import { Totals } from "./totals.ts";

/** What such a server is made of. */
export interface WorkerServerInit {
  /** What starts workers. */
  readonly host: Pick<WorkerHost, "spawn">;
  /** What waits are measured by. */
  readonly clock: Clock;
  /** What workers are. */
  readonly kind: WorkerKind;
  /** How many. */
  readonly count: number;
  /** How long they are given. */
  readonly patience: Patience;
  /** What each is to do; where it listens is told when it begins. */
  readonly orders: Omit<Orders, "address">;
  /** Where the server was asked to listen. */
  readonly asked: Address | HostAndPort;
  /** Where it listens, if a port was asked for. */
  readonly known: Address | undefined;
  /** What was asked for besides. */
  readonly plan: Pick<ServePlan, "graceMs" | "onError">;
}

/** Settles or rejects once. */
interface Settler<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

function settler<T>(): Settler<T> {
  let resolve: (value: T) => void = ignore;
  let reject: (reason: unknown) => void = ignore;
  const promise = new Promise<T>((...both) => [resolve, reject] = both);
  return { promise, resolve, reject };
}

/** Starts workers, watches them, and speaks for all of them. */
export class WorkerServer implements Server, SlotOwner {
  readonly connections: ReadonlySet<ConnectionContext> = new Set();
  readonly closed: Promise<StopReport>;
  isRef = true;
  readonly #init: WorkerServerInit;
  readonly #slots: readonly Slot[];
  readonly #totals = new Totals();
  readonly #started: Settler<void> = settler();
  readonly #ending: Settler<StopReport> = settler();
  #state: Server["state"] = "listening";
  #known: Address | undefined;
  #sharedAs: Address | HostAndPort;
  #isProven = false;
  #graceMs = Infinity;
  #finished = 0;
  #reset = 0;

  /** A server of which nothing is started before `start`. */
  constructor(init: WorkerServerInit) {
    this.#init = init;
    this.#known = init.known;
    this.#sharedAs = init.known ?? init.asked;
    this.#slots = Array.from(
      { length: init.count },
      (_, i) => new Slot(i, init.clock, init.patience, this),
    );
    this.closed = this.#ending.promise;
    // Whoever waits for the start is told; that nobody does yet is no failure.
    this.#started.promise.catch(ignore);
  }

  /** Settles when every worker listens; rejects with what prevents it. */
  async start(): Promise<void> {
    const [first, ...others] = this.#slots;
    first?.start();
    // Else the first one's port is to be everyone's.
    if (this.#known !== undefined) { for (const slot of others) slot.start(); }
    await this.#started.promise;
    this.#isProven = true;
    if (hears("listening")) publish("listening", { server: this });
  }

  // ---- what programs see

  get address(): Address {
    return this.#known as Address;
  }

  get state(): Server["state"] {
    return this.#state;
  }

  get stats(): ServerStats {
    const restarts = this.#slots.map((slot) => slot.restarts);
    return this.#totals.read(restarts.reduce((a, b) => a + b, 0));
  }

  // deno-lint-ignore require-await -- misuse rejects, as in all async calls
  async stop(options: StopOptions = {}): Promise<StopReport> {
    checkOptions(options, ["graceMs"]);
    const { graceMs = this.#init.plan.graceMs } = options;
    this.#stopWithin(checkGrace(graceMs));
    return this.closed;
  }

  ref(): void {
    this.#ref(true);
  }

  unref(): void {
    this.#ref(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #ref(flag: boolean): void {
    this.isRef = flag;
    for (const slot of this.#slots) slot.ref(flag);
  }

  // ---- what its workers are and do

  get isProven(): boolean {
    return this.#isProven;
  }

  spawn(sink: WorkerSink): RawWorker {
    return this.#init.host.spawn(this.#init.kind, workerModule(), sink);
  }

  said(slot: Slot, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        if (slot.state === "starting") this.#order(slot);
        break;
      case "up":
        return this.#isUp(slot, message.address);
      case "stats":
        return this.#totals.put(slot.index, message.stats);
      case "error":
        return this.#report(fromSent(message.error));
      case "stop":
        void this.stop(
          message.graceMs === undefined ? {} : { graceMs: message.graceMs },
        );
        break;
      case "stopped":
        return this.#stopped(slot, message);
    }
  }

  crashed(_slot: Slot, error: unknown): void {
    this.#report(error);
  }

  died(slot: Slot, exitCode: number | undefined): void {
    this.#totals.end(slot.index);
    this.#tell(slot, "died", { exitCode });
  }

  stuck(slot: Slot, goesOn: boolean): void {
    this.#tell(slot, "stuck", { goesOn });
  }

  gone(slot: Slot, why: unknown): void {
    // What it had, and did not tell how it ended.
    this.#reset += this.#totals.activeOf(slot.index);
    this.#totals.end(slot.index);
    if (why !== undefined) this.#gaveUp(why);
    if (this.#slots.every(({ state }) => state === "gone")) this.#close();
  }

  #order(slot: Slot): void {
    const orders = { ...this.#init.orders, address: this.#addressFor() };
    slot.post({ type: "start", orders });
  }

  /**
   * The listener that a cluster shares goes by what was asked for by the first
   * who listens, so that who joins has to ask for the same: port 0 may be that.
   */
  #addressFor(): Address | HostAndPort {
    const { asked, orders } = this.#init;
    const isShared = !orders.reusePort &&
      this.#slots.some(({ state }) => state === "up");
    if (!isShared) this.#sharedAs = this.#known ?? asked;
    return this.#sharedAs;
  }

  #isUp(slot: Slot, address: Address): void {
    this.#tell(slot, "up", {});
    if (this.#known === undefined) {
      this.#known = address;
      for (const each of this.#slots) {
        if (each.state === "idle") each.start();
      }
    }
    if (formatAddress(address) !== formatAddress(this.#known)) {
      const reason = `a worker got ${formatAddress(address)}`;
      const about = { op: "bind", address: this.#known, reason };
      slot.end(socketError("EADDRINUSE", about));
    }
    const areUp = this.#slots.every(({ state }) => state === "up");
    if (areUp) this.#started.resolve();
  }

  #tell(slot: Slot, event: "up" | "died" | "stuck", about: object): void {
    if (!hears("worker")) return;
    publish("worker", { server: this, worker: slot.index, event, ...about });
  }

  #report(error: unknown): void {
    if (hears("error")) {
      publish("error", { server: this, error, context: undefined });
    }
    report(this.#init.plan.onError, error, undefined);
  }

  // ---- stopping

  /** There will be no server, or not for long. */
  #gaveUp(why: unknown): void {
    if (this.#state !== "listening") return;
    if (this.#isProven) this.#report(why);
    this.#started.reject(why);
    this.#stopWithin(this.#isProven ? this.#init.plan.graceMs : 0);
  }

  #stopWithin(graceMs: number): void {
    if (this.#state === "closed" || graceMs >= this.#graceMs) {
      if (this.#state !== "listening") return;
    }
    if (this.#state === "listening") this.#beginStop(graceMs);
    this.#graceMs = graceMs;
    for (const slot of this.#slots) slot.stop(graceMs);
  }

  #beginStop(graceMs: number): void {
    this.#state = "stopping";
    if (hears("stop")) publish("stop", { server: this, graceMs });
    // Whoever waits for the start waits no more.
    this.#started.reject(stopped());
  }

  #stopped(slot: Slot, message: FromWorker & { type: "stopped" }): void {
    this.#totals.put(slot.index, message.stats);
    this.#finished += message.report.finished;
    this.#reset += message.report.reset;
  }

  #close(): void {
    this.#state = "closed";
    this.#ending.resolve({ finished: this.#finished, reset: this.#reset });
  }
}

function stopped(): Error {
  const reason = "the server stops";
  return socketError("ECANCELED", { op: "serve", reason });
}

function ignore(): void {}
