/**
 * One pending call of one direction: its deadline, its signal, and the rule
 * that there is only one. Receiving, sending and accepting all wait here.
 *
 * @module
 */

import type { Clock, Timer } from "./clock.ts";
import {
  FOREVER,
  isCancellable,
  MOST_LATE_LOOKS,
  type Wait,
} from "./deadline.ts";
import { lateText } from "./error_texts.ts";
import type { SocketError } from "./errors.ts";

/** Who the errors of a pending call are about. */
export interface PendingCallOwner {
  /** Makes the error of a code for the call named `op`, and why if known. */
  error(code: string, op: string, reason?: string): SocketError;
}

/**
 * Tries to finish a call of its owner's, named `op`: its result, or `undefined`
 * for "not yet". What it throws rejects the call. `null` is a result. It is
 * given the owner, so that one function may serve all of them: a closure costs
 * an idle connection 100 bytes.
 */
export type Attempt<Owner, T = unknown> = (
  owner: Owner,
  op: string,
) => T | undefined;

/** Where at most one call waits. */
export class PendingCall<Owner extends PendingCallOwner = PendingCallOwner> {
  readonly #clock: Clock;
  readonly #owner: Owner;
  #attempt: Attempt<Owner> | undefined;
  #op = "";
  /** How the call waits that is pending. */
  #wait: Wait = FOREVER;
  #resolve: (value: never) => void = ignore;
  #reject: (reason: unknown) => void = ignore;
  /** Made for the first call that may be cut short: most cannot be. */
  #limit: Limit | undefined;

  /** A place to wait whose errors `owner` makes. */
  constructor(clock: Clock, owner: Owner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Whether a call is pending; one that was aborted is over. */
  get isBusy(): boolean {
    // An `abort` listener of the caller's may come before the one of the call.
    const { signal } = this.#wait;
    if (signal?.aborted) this.reject(signal.reason);
    return this.#attempt !== undefined;
  }

  /** Tries at once, then at each `retry()`, until there is a result. */
  run<T>(op: string, attempt: Attempt<Owner, T>, wait: Wait): Promise<T> {
    if (wait.signal?.aborted) return refuse(wait, wait.signal.reason);
    if (this.isBusy) return refuse(wait, this.#owner.error("EBUSY", op));
    let result: T | undefined;
    try {
      result = attempt(this.#owner, op);
    } catch (error) {
      return refuse(wait, error);
    }
    if (result !== undefined) return Promise.resolve(result);
    return this.wait(op, attempt, wait);
  }

  /** Waits for a `retry()` that gives a result; the caller tried already. */
  wait<T>(op: string, attempt: Attempt<Owner, T>, wait: Wait): Promise<T> {
    if (wait.timeoutMs === 0) {
      return refuse(wait, this.#owner.error("EAGAIN", op));
    }
    return new Promise<T>((resolve, reject) => {
      this.#attempt = attempt;
      this.#op = op;
      this.#wait = wait;
      this.#resolve = resolve;
      this.#reject = reject;
      if (isCancellable(wait)) this.#madeLimit.set(wait);
    });
  }

  get #madeLimit(): Limit {
    return this.#limit ??= new Limit(this.#clock, this);
  }

  /** Whether the call pending is the one with this attempt. */
  isWaitingFor(attempt: Attempt<Owner>): boolean {
    return this.#attempt === attempt;
  }

  /** Gives the pending call its result, which needs no further try. */
  finish(result: unknown): void {
    const resolve = this.#resolve;
    this.#settle();
    resolve(result as never);
  }

  /** Something changed: lets the pending call try again. */
  retry(): void {
    if (this.#attempt === undefined) return;
    if (this.#limit !== undefined) this.#limit.tries++;
    let result: unknown;
    try {
      result = this.#attempt(this.#owner, this.#op);
    } catch (error) {
      return this.reject(error);
    }
    if (result !== undefined) this.finish(result);
  }

  /** Rejects the pending call with the error of a code. */
  fail(code: string): void {
    if (this.#attempt === undefined) return;
    this.reject(this.#owner.error(code, this.#op));
  }

  /** Rejects the pending call because its time is up. */
  timeOut(timeoutMs: number = this.#wait.timeoutMs ?? 0): void {
    if (this.#attempt === undefined) return;
    const reason = lateText(this.#op, timeoutMs);
    this.reject(this.#owner.error("ETIMEDOUT", this.#op, reason));
  }

  /** Ends the pending call with `EBADF` if it is `caller`'s. */
  interrupt(caller: object | undefined): void {
    if (this.#wait.caller === caller) this.fail("EBADF");
  }

  /** Rejects the pending call. */
  reject(reason: unknown): void {
    const { onRejected } = this.#wait;
    const reject = this.#settle();
    onRejected?.();
    reject(reason);
  }

  /** Whether the deadline of a pending call keeps the process alive. */
  ref(flag: boolean): void {
    if (!flag || this.#limit !== undefined) this.#madeLimit.ref(flag);
  }

  /** Forgets the idle timer, so that nothing is left behind. */
  dispose(): void {
    this.#limit?.dispose();
  }

  /** Ends the pending call and gives what rejects it. */
  #settle(): (reason: unknown) => void {
    const reject = this.#reject;
    this.#attempt = undefined;
    this.#wait = FOREVER;
    this.#resolve = this.#reject = ignore;
    this.#limit?.lift();
    return reject;
  }
}

/** What is ended early. */
interface Limited {
  /** Its time is up. */
  timeOut(): void;
  /** Its signal was aborted. */
  reject(reason: unknown): void;
}

const NEVER = Infinity;

/** What may end the calls of one place early: a deadline, a signal. */
class Limit {
  /** How often something changed and the pending call tried again. */
  tries = 0;
  readonly #clock: Clock;
  readonly #call: Limited;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #deadline = NEVER;
  #timer: Timer | undefined;
  #timerAt = NEVER;
  #isReferenced = true;

  constructor(clock: Clock, call: Limited) {
    this.#clock = clock;
    this.#call = call;
  }

  /** A call begins. */
  set({ timeoutMs, signal }: Wait): void {
    if (timeoutMs !== null) this.#arm(timeoutMs);
    if (signal !== undefined) this.#listen(signal);
  }

  /** The call is over. */
  lift(): void {
    if (this.#deadline !== NEVER) {
      this.#deadline = NEVER;
      this.#holdProcess();
    }
    if (this.#onAbort === undefined) return;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#signal = this.#onAbort = undefined;
  }

  /** Whether a deadline keeps the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.#holdProcess();
  }

  /** Forgets the idle timer. */
  dispose(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal;
    this.#onAbort = () => this.#call.reject(signal.reason);
    signal.addEventListener("abort", this.#onAbort);
  }

  /**
   * One timer serves all calls: it is left running when a call ends and set
   * anew when it fires too early. Starting and stopping one for each call
   * costs 1.5 µs on Deno.
   */
  #arm(timeoutMs: number): void {
    this.#deadline = this.#clock.now() + timeoutMs;
    if (this.#timer !== undefined && this.#timerAt <= this.#deadline) {
      return this.#holdProcess();
    }
    this.#timer?.cancel();
    this.#start(timeoutMs);
  }

  #start(delayMs: number): void {
    this.#timerAt = this.#clock.now() + delayMs;
    this.#timer = this.#clock.start(delayMs, () => this.#expire());
    if (!this.#isReferenced) this.#holdProcess();
  }

  /** A timer that nobody waits for lets the process end. */
  #holdProcess(): void {
    this.#timer?.ref?.(this.#isReferenced && this.#deadline !== NEVER);
  }

  #expire(): void {
    this.#timer = undefined;
    if (this.#deadline === NEVER) return;
    const left = this.#deadline - this.#clock.now();
    if (left > 0) this.#start(left);
    else this.#lookAgain(this.#deadline, MOST_LATE_LOOKS);
  }

  /**
   * What came in time is given: while each look at the kernel brings
   * something, the call may be finished by the next. A later call has a later
   * deadline and a timer of its own.
   */
  #lookAgain(deadline: number, looksLeft: number): void {
    const { tries } = this;
    this.#timer = this.#clock.afterPoll?.(() => {
      this.#timer = undefined;
      if (this.#deadline !== deadline) return this.#expire();
      const isStill = this.tries === tries || looksLeft === 0;
      if (isStill) this.#call.timeOut();
      else this.#lookAgain(deadline, looksLeft - 1);
    });
    if (this.#timer === undefined) this.#call.timeOut();
    else if (!this.#isReferenced) this.#holdProcess();
  }
}

function refuse(wait: Wait, reason: unknown): Promise<never> {
  wait.onRejected?.();
  return Promise.reject(reason);
}

function ignore(): void {}
