/**
 * What all that goes through one proxy shares: the rules of both ways, the
 * chance of its seed, its trace, and who waits for a change.
 *
 * @module
 */

import { type Chance, seededChance } from "../../runtime/memory/chance.ts";
import {
  type LinkRules,
  mergeRules,
  type Rules,
} from "../../runtime/memory/rules.ts";
import { TurnScheduler } from "../../runtime/memory/scheduler.ts";
import type { Place, Wire } from "../../runtime/memory/wire.ts";
import type { Clock } from "../../clock.ts";
import { type Undo, undoOf } from "../../simulation/rule_book.ts";
import { Trace } from "../../simulation/trace.ts";
import type { TraceEvent } from "../../simulation/trace_event.ts";
import type { ProxyWay } from "./proxy_rules.ts";

/** 16 MiB: what a proxy holds of one way of one connection. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** What holds where no rule says otherwise: a proxy adds nothing. */
const NO_FAULTS: LinkRules = {
  latencyMs: 0,
  mtuBytes: 65_536,
  windowBytes: WINDOW_BYTES,
};

/** The name of the target in traces, and in what chance knows things by. */
const TARGET = "target";

/** What a wire is made of; the rules must have been checked. */
export interface ProxyWireOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly up: LinkRules;
  readonly down: LinkRules;
  /** Told of each event of the trace. */
  readonly onEvent: ((event: TraceEvent) => void) | undefined;
}

/** The wire of one proxy, in real time. */
export class ProxyWire implements Wire {
  readonly isReal = true;
  readonly maxChunkBytes = 65_536;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly tasks: TurnScheduler;
  readonly trace: Trace = Trace.create();
  readonly target: Place = placeOf(TARGET);
  version = 0;
  #cuts = 0;
  readonly #startedAt: number;
  readonly #onEvent: ((event: TraceEvent) => void) | undefined;
  readonly #counts: Map<string, number> = new Map();
  readonly #busyUntil: Record<ProxyWay, number> = { up: 0, down: 0 };
  readonly #waiting: Set<() => void> = new Set();
  #rules!: Record<ProxyWay, Rules>;
  #said!: Record<ProxyWay, LinkRules>;

  constructor({ clock, seed, up, down, onEvent }: ProxyWireOptions) {
    this.clock = clock;
    this.chance = seededChance(seed);
    this.tasks = new TurnScheduler(clock);
    this.#startedAt = clock.now();
    this.#onEvent = onEvent;
    this.set(up, down);
  }

  /** Whether nothing gets through. */
  get isCut(): boolean {
    return this.#cuts > 0;
  }

  /** Cuts it; gives what takes that back. Cuts may overlap. */
  cut(): Undo {
    this.#cutBy(1);
    return undoOf(() => this.#cutBy(-1));
  }

  #cutBy(count: number): void {
    this.#cuts += count;
    this.remark(this.isCut ? "CUT" : "HEAL");
    this.set(this.#said.up, this.#said.down);
  }

  /** New rules, from the next chunk on; they must have been checked. */
  set(up: LinkRules, down: LinkRules): void {
    this.#said = { up, down };
    this.#rules = {
      up: mergeRules([NO_FAULTS, up], this.isCut),
      down: mergeRules([NO_FAULTS, down], this.isCut),
    };
    this.version++;
    for (const changed of [...this.#waiting]) changed();
  }

  /** Calls `changed` whenever rules change; gives what ends that. */
  onChange(changed: () => void): () => void {
    this.#waiting.add(changed);
    return () => this.#waiting.delete(changed);
  }

  /** What holds for one way. */
  of(way: ProxyWay): Rules {
    return this.#rules[way];
  }

  rules(from: Place): Rules {
    return this.of(this.#wayOf(from));
  }

  busyUntil(from: Place): number {
    return this.#busyUntil[this.#wayOf(from)];
  }

  occupy(from: Place, _to: Place, forMs: number): void {
    const way = this.#wayOf(from);
    const begins = Math.max(this.clock.now(), this.#busyUntil[way]);
    this.#busyUntil[way] = begins + forMs;
  }

  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  /** Takes down what goes on; its time is that of the proxy's start. */
  note(
    from: Place,
    to: Place,
    what: string,
    payload?: Uint8Array,
    isLost?: boolean,
  ): void {
    this.#add(from.name, to.name, what, payload, isLost);
  }

  /** Takes down what is about no connection. */
  remark(what: string): void {
    this.#add("", "", what);
  }

  #add(
    from: string,
    to: string,
    what: string,
    payload?: Uint8Array,
    isLost?: boolean,
  ): void {
    const at = this.clock.now() - this.#startedAt;
    const isTaken = this.trace.add(at, from, to, what, payload, isLost);
    const tell = this.#onEvent;
    const event = isTaken && tell ? this.trace.newest : undefined;
    // In a turn of its own: what it throws is no fault of a connection.
    if (event && tell) queueMicrotask(() => tell(event));
  }

  #wayOf(from: Place): ProxyWay {
    return from === this.target ? "down" : "up";
  }
}

/** Somebody who is always there, by name. */
export function placeOf(name: string): Place {
  return { name, isUp: true, isDead: false, run: (task) => task() };
}
