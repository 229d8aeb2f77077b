/**
 * What a scenario is given: hosts, links, faults, time.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import type { HandleKind } from "../handle_counts.ts";
import { type Chance, drawOf } from "../runtime/memory/chance.ts";
import { hostsOf, type MemoryHost } from "../runtime/memory/host.ts";
import { memoryNames } from "../runtime/memory/names.ts";
import type { LinkMatch, LinkRules } from "../runtime/memory/rules.ts";
import type { Wire } from "../runtime/memory/wire.ts";
import type { NameService, ResolvedHost } from "../runtime/seam/names.ts";
import type { Fault, FaultTime } from "./faults.ts";
import { Kernel, type KernelLimits } from "./kernel.ts";
import { RuleBook, type Undo, undoOf } from "./rule_book.ts";
import type { Fired } from "./run.ts";
import {
  type Host,
  type HostOptions,
  type HostWorld,
  Outside,
  SimHost,
} from "./sim_host.ts";
import type { Trace } from "./trace.ts";

/** What a scenario is given. */
export interface Simulation {
  /** What chance depends on. */
  readonly seed: number;
  /** Virtual milliseconds since the start; fractions are possible. */
  readonly now: number;
  /** Adds a host, and starts its `main`. */
  host(
    name: string,
    main?: () => Promise<unknown>,
    options?: HostOptions,
  ): Host;
  /**
   * Makes rules for the links that match, and those within hosts; later rules
   * win, member by member.
   */
  rule(match: LinkMatch, rules: LinkRules): Undo;
  /**
   * Cuts both ways: one group from all other hosts, or more between them. What
   * streams carry meanwhile comes later.
   */
  partition(...groups: readonly (readonly (string | Host)[])[]): Undo;
  /** Cuts one way. */
  cut(from: string, to: string): Undo;
  /**
   * A decision of the test's own, by its key: shrinking leaves it out as it
   * does the faults of links.
   */
  chance(rate: number, key: string): boolean;
  /** Settles after so many virtual milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Settles when nothing is due at this instant. */
  settle(): Promise<void>;
  /** Waits for real work, such as a file's; time stands still meanwhile. */
  external<T>(work: Promise<T>): Promise<T>;
  /** Asks after every event whether something holds; if not, the run ends. */
  check(name: string, holds: () => boolean): void;
  /** Writes a line into the trace. */
  note(text: string): void;
}

/** What a simulation is made of. */
export interface Setup {
  readonly seed: number;
  readonly network: LinkRules;
  readonly faults: readonly Fault[];
  readonly only: ReadonlySet<string> | undefined;
  readonly startsAtMs: number;
  readonly limits: KernelLimits;
  readonly trace: Trace;
}

/** One run. */
export class Sim implements Simulation, HostWorld {
  readonly seed: number;
  readonly kernel: Kernel;
  readonly startsAtMs: number;
  readonly counts: Record<HandleKind, number> = {
    stream: 0,
    listener: 0,
    datagram: 0,
  };
  readonly wire: Wire;
  readonly trace: Trace;
  readonly fired: Fired[] = [];
  readonly outside: Outside;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #book: RuleBook;
  readonly #hosts: Map<string, SimHost> = new Map();
  readonly #byAddress: Map<string, SimHost> = new Map();
  readonly #checks: Map<string, () => boolean> = new Map();
  readonly #counts: Map<string, number> = new Map();
  readonly #busyUntil: Map<string, number> = new Map();

  /** Made by `simulate`. */
  constructor(setup: Setup) {
    this.seed = setup.seed;
    this.startsAtMs = setup.startsAtMs;
    this.trace = setup.trace;
    this.#only = setup.only;
    this.#book = new RuleBook(setup.network);
    this.kernel = new Kernel(setup.limits, {
      afterEvent: () => this.#runChecks(),
      waiting: () => this.#waiting(),
    });
    this.outside = new Outside(this);
    this.wire = this.#makeWire();
    setup.faults.forEach((fault, i) => this.#plan(fault, i));
  }

  get now(): number {
    return this.kernel.now();
  }

  #makeWire(): Wire {
    const { kernel } = this;
    const book = this.#book;
    const chance: Chance = {
      draw: (key) => drawOf(this.seed, key),
      strikes: (rate, key) => this.chance(rate, key),
    };
    return {
      tasks: kernel,
      chance,
      isReal: true,
      maxChunkBytes: 65_536,
      get version(): number {
        return book.version;
      },
      rules: (from, to, proto, port) =>
        book.of({ from: from.name, to: to.name, proto, port }),
      note: (from, to, what, payload, isLost) =>
        this.trace.add(this.now, from.name, to.name, what, payload, isLost),
      count: (name) => this.#count(name),
      busyUntil: (from, to) =>
        this.#busyUntil.get(`${from.name}>${to.name}`) ?? 0,
      occupy: (from, to, forMs) => {
        const key = `${from.name}>${to.name}`;
        const start = Math.max(this.#busyUntil.get(key) ?? 0, this.now);
        this.#busyUntil.set(key, start + forMs);
      },
    };
  }

  // ---- hosts

  host(
    name: string,
    main?: () => Promise<unknown>,
    options: HostOptions = {},
  ): Host {
    checkOptions(options, HOST_OPTIONS);
    if (typeof name !== "string" || name === "") {
      throw new TypeError(`A host has a name: ${show(name)}`);
    }
    if (this.#hosts.has(name)) {
      throw new RangeError(`There is a host ${name} already`);
    }
    const { addresses = [this.#nextAddress()], links } = options;
    if (links !== undefined) this.#book.setHost(name, links);
    const resolved = hostsOf(name, addresses);
    const host = new SimHost(this, name, resolved, main, options);
    this.#hosts.set(name, host);
    for (const { hostname } of resolved) this.#byAddress.set(hostname, host);
    void host.start();
    return host;
  }

  /** From 10.0.0.1 on. */
  #nextAddress(): string {
    const number = this.#hosts.size + 1;
    return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  }

  *hosts(): Iterable<MemoryHost> {
    for (const host of this.#hosts.values()) if (host.isUp) yield host.node;
  }

  hostOf(hostname: string): MemoryHost | undefined {
    return this.#byAddress.get(hostname)?.node;
  }

  addressesOf(name: string): readonly ResolvedHost[] | undefined {
    if (name === "localhost") return LOCALHOST;
    const found = this.#hosts.get(name) ??
      [...this.#hosts.values()].find((each) =>
        each.name.toLowerCase() === name
      );
    return found?.resolved;
  }

  namesFor(hostname: string): NameService {
    const own = this.#hosts.get(hostname)?.resolved ?? [];
    return {
      ...memoryNames(new Map(), { hostname }),
      addresses: () => [...LOCALHOST, ...own],
      reverse: (address) => {
        const found = this.#byAddress.get(address)?.name;
        const name = found ??
          (LOCALHOST.some((each) => each.hostname === address)
            ? "localhost"
            : undefined);
        if (name !== undefined) return Promise.resolve(name);
        return memoryNames(new Map()).reverse(address, 0);
      },
    };
  }

  draw(host: string): number {
    const key = `random ${host}`;
    return drawOf(this.seed, `${key} ${this.#count(key)}`);
  }

  #count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  tell(host: string, what: string): void {
    this.trace.add(this.now, host, host, what);
  }

  failed(error: unknown): void {
    this.kernel.fail(error);
  }

  /** Ends all hosts: what is left of the scenario does nothing any more. */
  end(): void {
    for (const host of this.#hosts.values()) host.end();
  }

  #hostNamed(name: string): SimHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new RangeError(`There is no host ${name}`);
    return host;
  }

  // ---- links

  rule(match: LinkMatch, rules: LinkRules): Undo {
    return this.#book.add(match, rules);
  }

  partition(...groups: readonly (readonly (string | Host)[])[]): Undo {
    if (groups.length === 0) throw new TypeError("A partition has a group");
    const sides = groups.map((group) => new Set(group.map(nameOf)));
    const sideOf = (host: string) => sides.findIndex((each) => each.has(host));
    const undo = this.#book.cut((from, to) => {
      const [one, other] = [sideOf(from), sideOf(to)];
      if (sides.length === 1) return one !== other;
      return one >= 0 && other >= 0 && one !== other;
    });
    const text = sides.map((each) => [...each].join(" ")).join(" | ");
    this.note(`PARTITION ${text}`);
    return undoOf(() => {
      undo();
      this.note(`HEAL ${text}`);
    });
  }

  cut(from: string, to: string): Undo {
    this.#hostNamed(from);
    this.#hostNamed(to);
    const undo = this.#book.cut((one, other) => one === from && other === to);
    this.note(`CUT ${from} > ${to}`);
    return undoOf(() => {
      undo();
      this.note(`HEAL ${from} > ${to}`);
    });
  }

  chance(rate: number, key: string): boolean {
    if (!(rate > 0)) return false;
    if (rate < 1 && drawOf(this.seed, key) >= rate) return false;
    if (this.#only !== undefined && !this.#only.has(key)) return false;
    this.fired.push({ key, at: this.now });
    return true;
  }

  // ---- time

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.kernel.after(ms, resolve));
  }

  settle(): Promise<void> {
    return this.kernel.settle();
  }

  external<T>(work: Promise<T>): Promise<T> {
    return this.kernel.external(work);
  }

  check(name: string, holds: () => boolean): void {
    this.#checks.set(name, holds);
  }

  note(text: string): void {
    this.trace.add(this.now, "", "", text);
  }

  #runChecks(): void {
    if (this.#checks.size === 0) return; // asked after every event
    for (const [name, holds] of this.#checks) {
      if (!holds()) throw new Error(`It does not hold: ${name}`);
    }
  }

  #waiting(): string {
    const all = [...this.#hosts.values()].map((each) => each.waiting());
    const found = all.filter((each) => each !== undefined);
    return found.length > 0 ? found.join("; ") : "no host is up";
  }

  // ---- the plan

  #plan(fault: Fault, index: number): void {
    const key = `plan ${index}`;
    this.kernel.after(fault.at, () => {
      if (!this.chance(1, key)) return;
      const undo = this.#begin(fault);
      const { forMs } = fault as FaultTime;
      if (forMs !== undefined) this.kernel.after(forMs, undo);
    });
  }

  /** Gives what ends it. */
  #begin(fault: Fault): () => void {
    if ("rules" in fault) return this.rule(fault.on ?? {}, fault.rules);
    if ("partition" in fault) return this.partition(...fault.partition);
    if ("crash" in fault) {
      const host = this.#hostNamed(fault.crash);
      host.crash();
      const { restartAfterMs } = fault;
      if (restartAfterMs !== undefined) {
        this.kernel.after(restartAfterMs, () => void host.restart());
      }
      return () => {};
    }
    if ("stop" in fault) {
      const host = this.#hostNamed(fault.stop);
      host.stop();
      return () => host.resume();
    }
    const host = this.#hostNamed(fault.skew);
    this.tell(host.name, `CLOCK ${fault.byMs > 0 ? "+" : ""}${fault.byMs} ms`);
    host.skewMs += fault.byMs;
    return () => {
      host.skewMs -= fault.byMs;
      this.tell(host.name, "CLOCK back");
    };
  }
}

const HOST_OPTIONS = ["addresses", "clockSkewMs", "clockDriftPpm", "links"];

const LOCALHOST: readonly ResolvedHost[] = [
  { family: "ipv6", hostname: "::1" },
  { family: "ipv4", hostname: "127.0.0.1" },
];

function nameOf(host: string | Host): string {
  return typeof host === "string" ? host : host.name;
}
