/**
 * A host of a simulation: what it runs, and how it dies and lives again.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { HandleKind } from "../handle_counts.ts";
import { MemoryHost, type Net } from "../runtime/memory/host.ts";
import type { LinkRules } from "../runtime/memory/rules.ts";
import type { Place } from "../runtime/memory/wire.ts";
import type { NameService, ResolvedHost } from "../runtime/seam/names.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { TurnEnd } from "../turn.ts";
import { socketError } from "../errors.ts";
import { enter, type Inside, inside } from "./bubble.ts";
import { type Kernel, TURN_MS } from "./kernel.ts";

/** How a host differs from others. */
export interface HostOptions {
  /** Its numeric addresses; default the next one of 10.0.0.0/8. */
  readonly addresses?: readonly string[];
  /** How much its wall clock is ahead, in milliseconds; default 0. */
  readonly clockSkewMs?: number;
  /** How much too fast its wall clock goes, in millionths; default 0. */
  readonly clockDriftPpm?: number;
  /** Rules of all its links. */
  readonly links?: LinkRules;
}

/** A host of a simulation. */
export interface Host extends AsyncDisposable {
  /** Its name, under which others find it. */
  readonly name: string;
  /** Its numeric addresses. */
  readonly addresses: readonly string[];
  /** What its code gets from `currentRuntime()`. */
  readonly runtime: Runtime;
  /** What survives a crash: the test's own use. */
  readonly disk: Map<string, Uint8Array>;
  /** Runs a body as this host. It never settles if the host crashes. */
  run<T>(body: () => Promise<T>): Promise<T>;
  /**
   * Power off: no FIN, no RST. Its timers never fire, its promises stay as they
   * are, and its sockets do nothing any more.
   */
  crash(): void;
  /** Starts it with empty memory; settles once `main` has begun. */
  restart(): Promise<void>;
  /**
   * As SIGSTOP does: its timers and what it receives wait, while its kernel
   * answers until the buffers are full.
   */
  stop(): void;
  /** Goes on after `stop`. */
  resume(): void;
}

/** What a host asks of the simulation around it. */
export interface HostWorld extends Net {
  readonly kernel: Kernel;
  readonly startsAtMs: number;
  readonly counts: Record<HandleKind, number>;
  /** A number of chance for `Math.random` and its like. */
  draw(host: string): number;
  /** Takes down what befalls a host. */
  tell(host: string, what: string): void;
  /** Its `main` failed. */
  failed(error: unknown): void;
  namesFor(host: string): NameService;
}

/** The machine: it lasts as long as the simulation. */
export class SimHost implements Host {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly disk: Map<string, Uint8Array> = new Map();
  readonly resolved: readonly ResolvedHost[];
  /** How much the wall clock is ahead. */
  skewMs: number;
  readonly #driftPpm: number;
  readonly #world: HostWorld;
  readonly #main: (() => Promise<unknown>) | undefined;
  #life: Life;

  /** Made, and started, by the simulation. */
  constructor(
    world: HostWorld,
    name: string,
    resolved: readonly ResolvedHost[],
    main: (() => Promise<unknown>) | undefined,
    { clockSkewMs = 0, clockDriftPpm = 0 }: HostOptions,
  ) {
    this.#world = world;
    this.name = name;
    this.resolved = resolved;
    this.addresses = resolved.map(({ hostname }) => hostname);
    this.skewMs = clockSkewMs;
    this.#driftPpm = clockDriftPpm;
    this.#main = main;
    this.#life = new Life(world, this);
  }

  /** Whether the machine is on. */
  get isUp(): boolean {
    return !this.#life.isDead;
  }

  get runtime(): Runtime {
    return this.#life.runtime;
  }

  /** What it is on the network at the moment. */
  get node(): MemoryHost {
    return this.#life.runtime;
  }

  /** What its wall clock shows. */
  wallMs(): number {
    const now = this.#world.kernel.look();
    const drift = now * this.#driftPpm / 1e6;
    return this.#world.startsAtMs + Math.floor(now + drift) + this.skewMs;
  }

  /** Runs `main`, if it has one, as the next that happens. */
  start(): Promise<void> {
    const life = this.#life;
    return new Promise((resolve) => {
      this.#world.kernel.run(() => {
        life.run(() => void this.#runMain(life));
        resolve();
      });
    });
  }

  async #runMain(life: Life): Promise<void> {
    try {
      await this.#main?.();
    } catch (error) {
      if (!life.isDead) this.#world.failed(error);
    }
  }

  run<T>(body: () => Promise<T>): Promise<T> {
    const life = this.#life;
    if (life.isDead) return new Promise(() => {});
    return enter(life, body);
  }

  crash(): void {
    if (this.#life.isDead) return;
    this.#world.tell(this.name, "CRASH");
    this.#life.end();
  }

  restart(): Promise<void> {
    this.#life.end();
    this.#world.tell(this.name, "RESTART");
    this.#life = new Life(this.#world, this);
    return this.start();
  }

  stop(): void {
    if (this.#life.isDead || this.#life.isStopped) return;
    this.#world.tell(this.name, "STOP");
    this.#life.stop();
  }

  resume(): void {
    if (this.#life.isDead || !this.#life.isStopped) return;
    this.#world.tell(this.name, "RESUME");
    this.#life.resume();
  }

  /** It crashes. */
  [Symbol.asyncDispose](): Promise<void> {
    this.crash();
    return Promise.resolve();
  }

  /** The simulation is over: nothing of it happens any more. */
  end(): void {
    this.#life.end();
  }

  /** What its programs wait for. */
  waiting(): string | undefined {
    if (!this.isUp) return undefined;
    const all = [...this.node.waiting()];
    const text = all.length > 0 ? all.slice(0, 5).join(", ") : "nothing";
    const more = all.length > 5 ? ` and ${all.length - 5} more` : "";
    const stopped = this.#life.isStopped ? " (stopped)" : "";
    return `${this.name}${stopped}: ${text}${more}`;
  }
}

/** From a start to the next crash. */
class Life implements Place, Inside {
  readonly name: string;
  readonly runtime: MemoryHost;
  readonly kernel: Kernel;
  readonly counts: Record<HandleKind, number>;
  isDead = false;
  isStopped = false;
  readonly #world: HostWorld;
  readonly #host: SimHost;
  #waiting: (() => void)[] = [];

  constructor(world: HostWorld, host: SimHost) {
    this.#world = world;
    this.#host = host;
    this.name = host.name;
    this.kernel = world.kernel;
    this.counts = world.counts;
    this.runtime = new MemoryHost({
      net: world,
      place: this,
      name: "simulation",
      addresses: host.resolved,
      clock: this.#clock(),
      names: world.namesFor(host.name),
    });
  }

  get isUp(): boolean {
    return this.#host.isUp;
  }

  admit(task: () => void): void {
    if (this.isDead) return;
    if (this.isStopped) this.#waiting.push(task);
    else task();
  }

  run(task: () => void): void {
    if (this.isDead) return;
    if (this.isStopped) this.#waiting.push(task);
    else if (inside() === this) task();
    else enter(this, task);
  }

  wallMs(): number {
    return this.#host.wallMs();
  }

  draw(): number {
    return this.#world.draw(this.name);
  }

  afterTurn(task: () => void): TurnEnd {
    return this.kernel.after(TURN_MS, () => this.run(task));
  }

  end(): void {
    this.isDead = true;
    this.#waiting = [];
  }

  stop(): void {
    this.isStopped = true;
  }

  resume(): void {
    this.isStopped = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.kernel.run(() => this.run(task));
  }

  #clock(): Clock {
    const { kernel } = this;
    return {
      now: () => kernel.now(),
      start: (delayMs, fire) => kernel.after(delayMs, () => this.run(fire)),
      afterPoll: (task) => this.afterTurn(task),
    };
  }
}

/** What code of the scenario has, which runs on no host. */
export class Outside implements Inside {
  readonly kernel: Kernel;
  readonly counts: Record<HandleKind, number>;
  readonly #world: HostWorld;

  /** Of one simulation. */
  constructor(world: HostWorld) {
    this.#world = world;
    this.kernel = world.kernel;
    this.counts = world.counts;
  }

  /** It has no network. */
  get runtime(): Runtime {
    const reason =
      "this code runs on no host of the simulation: host.run() does";
    throw socketError("EPERM", { op: "currentRuntime", reason });
  }

  admit(task: () => void): void {
    task();
  }

  run(task: () => void): void {
    if (inside() === this) task();
    else enter(this, task);
  }

  wallMs(): number {
    return this.#world.startsAtMs + Math.floor(this.kernel.look());
  }

  draw(): number {
    return this.#world.draw("");
  }

  afterTurn(task: () => void): TurnEnd {
    return this.kernel.after(TURN_MS, task);
  }
}
