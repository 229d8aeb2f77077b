/**
 * The place of one worker: it is started, watched, and begun anew when it has
 * died. A state machine over a clock and over what starts workers; what they
 * serve is no business of its.
 *
 * @module
 */

import type { Clock, Timer } from "../../clock.ts";
import { socketError } from "../../errors.ts";
import { errorOfFault } from "../../runtime/seam/error_mapping.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { RawWorker, WorkerSink } from "../../runtime/seam/workers.ts";
import { fromSent } from "./sent_error.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/**
 * Nothing was started; it is being started; it listens; it died and the next
 * one has to wait; it is told to stop; there will be no other.
 */
export type SlotState =
  | "idle"
  | "starting"
  | "up"
  | "waiting"
  | "stopping"
  | "gone";

/** How long workers are given. */
export interface Patience {
  /** Milliseconds until one has to listen. */
  readonly startTimeoutMs: number | null;
  /** Milliseconds without an answer after which one is stuck. */
  readonly stuckTimeoutMs: number | null;
}

/** Whose place it is. */
export interface SlotOwner {
  /** Whether workers keep the process alive. */
  readonly isRef: boolean;
  /** Whether a worker has ever listened here; if none, errors are final. */
  readonly isProven: boolean;
  /** Starts a worker; throws what prevents it. */
  spawn(sink: WorkerSink): RawWorker;
  /** The worker said something that is not of its life alone. */
  said(slot: Slot, message: FromWorker): void;
  /** The worker failed outside anything that could have been told. */
  crashed(slot: Slot, error: unknown): void;
  /** The worker is gone, unasked. */
  died(slot: Slot, exitCode: number | undefined): void;
  /** It does not answer and is ended; a thread may go on all the same. */
  stuck(slot: Slot, goesOn: boolean): void;
  /** There will be no worker any more: it was stopped, or it is hopeless. */
  gone(slot: Slot, why: unknown): void;
}

/** The wait before a worker is begun anew: twice as long each time, to 10 s. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** Who has lived so long may be begun anew at once. */
const STEADY_MS = 60_000;

/** So many in a row that die before they listen are the end. */
const MOST_EARLY_DEATHS = 5;

/** So many questions without an answer make a worker stuck. */
const QUESTIONS = 4;

/** How long a worker may outlive the grace of a stop. */
const LAST_WORDS_MS = 250;

/** The place of one worker. */
export class Slot {
  /** Which one: 0, 1, … */
  readonly index: number;
  /** How far it has come. */
  state: SlotState = "idle";
  /** How often a worker was begun anew. */
  restarts = 0;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #owner: SlotOwner;
  #worker: RawWorker | undefined;
  /** Counts workers, so that what an old one says is not heard. */
  #life = 0;
  #timer: Timer | undefined;
  #question: Timer | undefined;
  #unanswered = 0;
  #waitMs = FIRST_WAIT_MS;
  #earlyDeaths = 0;
  #upAt = 0;
  #why: unknown;

  /** An empty place. */
  constructor(
    index: number,
    clock: Clock,
    patience: Patience,
    owner: SlotOwner,
  ) {
    this.index = index;
    this.#clock = clock;
    this.#patience = patience;
    this.#owner = owner;
  }

  /** Starts a worker. */
  start(): void {
    this.state = "starting";
    this.#why = undefined;
    this.#unanswered = 0;
    try {
      this.#worker = this.#owner.spawn(this.#sink());
    } catch (error) {
      this.#why = error instanceof Fault
        ? errorOfFault(error, { op: "serve" })
        : error;
      return this.#ended(undefined);
    }
    this.#worker.ref(this.#owner.isRef);
    this.#later(this.#patience.startTimeoutMs, () => this.#tooLate());
  }

  /** Sends the worker a message, if there is one. */
  post(message: ToWorker): void {
    this.#worker?.post(message);
  }

  /** Tells the worker to stop, and ends it when the grace is over. */
  stop(graceMs: number): void {
    if (this.state === "gone") return;
    if (this.#worker === undefined) return this.#leave(undefined);
    this.state = "stopping";
    this.post({ type: "stop", graceMs });
    const isBounded = graceMs !== Infinity;
    this.#later(isBounded ? graceMs + LAST_WORDS_MS : null, () => this.end());
    if (this.#question === undefined) this.#ask();
  }

  /** Ends the worker; `why` is what the program is told, if need be. */
  end(why?: unknown): void {
    this.#why ??= why;
    this.#worker?.terminate();
  }

  /** Whether the worker keeps the process alive. */
  ref(flag: boolean): void {
    this.#worker?.ref(flag);
    if (this.state === "waiting") this.#timer?.ref?.(flag);
  }

  // ---- what a worker says

  #sink(): WorkerSink {
    const life = ++this.#life;
    const ifMine = <T>(told: (value: T) => void) => (value: T) => {
      if (life === this.#life) told(value);
    };
    return {
      message: ifMine((message) => this.#heard(message as FromWorker)),
      failed: ifMine((error) => this.#crashed(error)),
      exited: ifMine((exitCode) => this.#ended(exitCode)),
    };
  }

  #heard(message: FromWorker): void {
    this.#unanswered = 0;
    if (message.type === "pong") return;
    // It could not hear yet that it is to stop.
    if (message.type === "ready" && this.state === "stopping") this.end();
    if (message.type === "up" && this.state === "starting") this.#isUp();
    if (message.type === "failed") this.end(fromSent(message.error));
    // What it still has to do it does by itself, within its last words.
    if (message.type === "stopped") {
      this.#later(LAST_WORDS_MS, () => this.end());
    }
    this.#owner.said(this, message);
  }

  #isUp(): void {
    this.state = "up";
    this.#upAt = this.#clock.now();
    this.#earlyDeaths = 0;
    this.#cancel();
    this.#ask();
  }

  #crashed(error: unknown): void {
    // Before it listens, that is why it never will.
    if (this.state === "starting") this.#why ??= error;
    else this.#owner.crashed(this, error);
  }

  // ---- watching

  /** What came late by our own fault is heard before the next question. */
  #ask(): void {
    const { stuckTimeoutMs } = this.#patience;
    if (stuckTimeoutMs === null) return;
    if (this.#unanswered >= QUESTIONS) return this.#isStuck();
    this.#unanswered++;
    this.post({ type: "ping" });
    this.#question = this.#clock.start(
      stuckTimeoutMs / QUESTIONS,
      () => this.#ask(),
    );
    this.#question.ref?.(false);
  }

  #isStuck(): void {
    this.#question = undefined;
    this.#owner.stuck(this, this.#worker?.endsForSure === false);
    this.end();
  }

  #tooLate(): void {
    const ms = this.#patience.startTimeoutMs;
    const reason = `the worker did not listen within ${ms} ms`;
    this.end(socketError("ETIMEDOUT", { op: "serve", reason }));
  }

  // ---- the end

  #ended(exitCode: number | undefined): void {
    const { state } = this;
    this.#life++;
    this.#worker = undefined;
    this.#cancel();
    if (state === "stopping") return this.#leave(undefined);
    if (state === "up") this.#rest();
    else this.#earlyDeaths++;
    this.#owner.died(this, exitCode);
    const isHopeless = this.#earlyDeaths >= MOST_EARLY_DEATHS ||
      (this.#why !== undefined && !this.#owner.isProven);
    if (isHopeless) return this.#leave(this.#why ?? unheard(exitCode));
    this.state = "waiting";
    this.#later(this.#waitMs, () => this.#restart());
    this.#timer?.ref?.(this.#owner.isRef);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }

  #restart(): void {
    this.restarts++;
    this.start();
  }

  #rest(): void {
    const isSteady = this.#clock.now() - this.#upAt >= STEADY_MS;
    if (isSteady) this.#waitMs = FIRST_WAIT_MS;
  }

  #leave(why: unknown): void {
    this.state = "gone";
    this.#cancel();
    this.#owner.gone(this, why);
  }

  // ---- time

  #later(delayMs: number | null, fire: () => void): void {
    this.#timer?.cancel();
    this.#timer = delayMs === null
      ? undefined
      : this.#clock.start(delayMs, fire);
    // The worker keeps the process alive, not what waits for it.
    this.#timer?.ref?.(false);
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#question?.cancel();
    this.#timer = this.#question = undefined;
  }
}

function unheard(exitCode: number | undefined): Error {
  const reason = `workers end before they listen (exit code ${exitCode})`;
  return socketError("ECHILD", { op: "serve", reason });
}
