/**
 * One pending call of one direction: its deadline, its signal, and the rule
 * that there is only one. Receiving, sending and accepting all wait here.
 *
 * @module
 */

import type { Clock, Timer } from "./clock.ts";
import { MOST_LATE_LOOKS, type Wait } from "./deadline.ts";
import { lateText } from "./error_texts.ts";
import type { SocketError } from "./errors.ts";

/** Who the errors of a pending call are about. */
export interface PendingCallOwner {
  /** Makes the error of a code for the call named `op`, and why if known. */
  error(code: string, op: string, reason?: string): SocketError;
}

/**
 * Tries to finish a call: its result, or `undefined` for "not yet". What it
 * throws rejects the call. `null` is a result.
 */
export type Attempt = () => unknown;

const NEVER = Infinity;

/** Where at most one call waits. */
export class PendingCall {
  readonly #clock: Clock;
  readonly #owner: PendingCallOwner;
  #attempt: Attempt | undefined;
  #op = "";
  #caller: object | undefined;
  #onRejected: (() => void) | undefined;
  #resolve: (value: never) => void = ignore;
  #reject: (reason: unknown) => void = ignore;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #deadline = NEVER;
  #timeoutMs = 0;
  #timer: Timer | undefined;
  #timerAt = NEVER;
  /** How often something changed and the pending call tried again. */
  #tries = 0;
  #isReferenced = true;

  /** A place to wait whose errors `owner` makes. */
  constructor(clock: Clock, owner: PendingCallOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Whether a call is pending; one that was aborted is over. */
  get isBusy(): boolean {
    // An `abort` listener of the caller's may come before the one of the call.
    if (this.#signal?.aborted) this.reject(this.#signal.reason);
    return this.#attempt !== undefined;
  }

  /** Tries at once, then at each `retry()`, until there is a result. */
  run<T>(op: string, attempt: () => T | undefined, wait: Wait): Promise<T> {
    if (wait.signal?.aborted) return refuse(wait, wait.signal.reason);
    if (this.isBusy) return refuse(wait, this.#owner.error("EBUSY", op));
    let result: T | undefined;
    try {
      result = attempt();
    } catch (error) {
      return refuse(wait, error);
    }
    if (result !== undefined) return Promise.resolve(result);
    return this.wait(op, attempt, wait);
  }

  /** Waits for a `retry()` that gives a result; the caller tried already. */
  wait<T>(op: string, attempt: () => T | undefined, wait: Wait): Promise<T> {
    if (wait.timeoutMs === 0) {
      return refuse(wait, this.#owner.error("EAGAIN", op));
    }
    return new Promise<T>((resolve, reject) => {
      this.#attempt = attempt;
      this.#op = op;
      this.#caller = wait.caller;
      this.#onRejected = wait.onRejected;
      this.#resolve = resolve;
      this.#reject = reject;
      if (wait.timeoutMs !== null) this.#arm(wait.timeoutMs);
      if (wait.signal !== undefined) this.#listen(wait.signal);
    });
  }

  /** Whether the call pending is the one with this attempt. */
  isWaitingFor(attempt: Attempt): boolean {
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
    this.#tries++;
    let result: unknown;
    try {
      result = this.#attempt();
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
  timeOut(timeoutMs: number = this.#timeoutMs): void {
    if (this.#attempt === undefined) return;
    const reason = lateText(this.#op, timeoutMs);
    this.reject(this.#owner.error("ETIMEDOUT", this.#op, reason));
  }

  /** Ends the pending call with `EBADF` if it is `caller`'s. */
  interrupt(caller: object | undefined): void {
    if (this.#caller === caller) this.fail("EBADF");
  }

  /** Rejects the pending call. */
  reject(reason: unknown): void {
    const onRejected = this.#onRejected;
    const reject = this.#settle();
    onRejected?.();
    reject(reason);
  }

  /** Whether the deadline of a pending call keeps the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.#holdProcess();
  }

  /** Forgets the idle timer, so that nothing is left behind. */
  dispose(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Ends the pending call and gives what rejects it. */
  #settle(): (reason: unknown) => void {
    const reject = this.#reject;
    this.#attempt = this.#onRejected = undefined;
    this.#resolve = this.#reject = ignore;
    if (this.#deadline !== NEVER) {
      this.#deadline = NEVER;
      this.#holdProcess();
    }
    if (this.#onAbort !== undefined) {
      this.#signal?.removeEventListener("abort", this.#onAbort);
      this.#signal = this.#onAbort = undefined;
    }
    return reject;
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal;
    this.#onAbort = () => this.reject(signal.reason);
    signal.addEventListener("abort", this.#onAbort);
  }

  /**
   * One timer serves all calls: it is left running when a call ends and set
   * anew when it fires too early. Starting and stopping one for each call
   * costs 1.5 µs on Deno.
   */
  #arm(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
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
    const tries = this.#tries;
    this.#timer = this.#clock.afterPoll?.(() => {
      this.#timer = undefined;
      if (this.#deadline !== deadline) return this.#expire();
      const isStill = this.#tries === tries || looksLeft === 0;
      if (isStill) this.timeOut();
      else this.#lookAgain(deadline, looksLeft - 1);
    });
    if (this.#timer === undefined) this.timeOut();
    else if (!this.#isReferenced) this.#holdProcess();
  }
}

function refuse(wait: Wait, reason: unknown): Promise<never> {
  wait.onRejected?.();
  return Promise.reject(reason);
}

function ignore(): void {}
