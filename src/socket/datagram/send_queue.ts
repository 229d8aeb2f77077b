/**
 * The sends of a datagram socket that wait their turn, and those of them that
 * the runtime holds.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { Job } from "./job.ts";
import type { Line } from "./transmitter.ts";

/** Sends in the order of the calls, on their way to the line. */
export class SendQueue {
  readonly #line: Line;
  #jobs: Job[] = [];
  /** Where the oldest is: `shift()` of a long array costs too much. */
  #head = 0;
  /** Jobs that the runtime has not settled. */
  readonly #handedOver: Set<Job> = new Set();
  #onIdle: (() => void) | undefined;

  /** An empty one. */
  constructor(line: Line) {
    this.#line = line;
  }

  /** How many wait; what the runtime holds is not among them. */
  get count(): number {
    return this.#jobs.length - this.#head;
  }

  /** Whether nothing waits and the runtime holds nothing. */
  get isIdle(): boolean {
    return this.count === 0 && this.#line.isIdle;
  }

  /** Waits behind the others, or leaves now. */
  add(job: Job): void {
    this.#jobs.push(job);
    this.pump();
  }

  /** The job, and all behind it, wait for its address. */
  resolve(job: Job, to: Promise<Address>): void {
    job.isResolved = false;
    to.then((address) => {
      job.to = address;
    }, (error) => {
      if (!job.isOver) job.fail(this.#line.translate(error, job.op, undefined));
    }).then(() => {
      job.isResolved = true;
      this.pump();
    });
  }

  /** Hands over what waits, as far as the runtime takes it. */
  pump(): void {
    while (this.count > 0 && this.#line.isFree) {
      const job = this.#jobs[this.#head]!;
      if (job.isOver) {
        this.#shift();
        continue;
      }
      if (!job.isResolved || !this.#hand(job)) return;
    }
    if (!this.isIdle) return;
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  /** Hands one over; `false` if the kernel refused it for now. */
  #hand(job: Job): boolean {
    const done = (fault: Fault | undefined): void => this.#handed(job, fault);
    try {
      const taken = this.#line.hand(job.data, job.to, done);
      if (taken === false) return false;
      this.#shift();
      if (taken) this.#succeed(job);
      else this.#handedOver.add(job);
    } catch (error) {
      this.#shift();
      job.fail(this.#line.translate(error, job.op, job.to));
    }
    return true;
  }

  #handed(job: Job, fault: Fault | undefined): void {
    this.#line.landed();
    this.#handedOver.delete(job);
    if (fault === undefined) this.#succeed(job);
    else if (!job.isOver) {
      job.fail(this.#line.owner.faultError(fault, job.op, job.to));
    }
    this.#line.next();
  }

  #succeed(job: Job): void {
    const { resolve } = job;
    job.end();
    this.#line.settle(resolve, job.data.length);
  }

  #shift(): void {
    // Nothing may keep what was handed over alive.
    this.#jobs[this.#head++] = undefined as unknown as Job;
    if (this.#head < this.#jobs.length) return;
    this.#jobs = [];
    this.#head = 0;
  }

  #takeAll(): Job[] {
    const all = this.#jobs.slice(this.#head);
    this.#jobs = [];
    this.#head = 0;
    return all;
  }

  /** Settles when nothing waits and the runtime holds nothing. */
  whenIdle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#onIdle;
      this.#onIdle = () => {
        before?.();
        resolve();
      };
    });
  }

  /** Nothing that waits will leave. */
  refuse(makeError: (op: string) => unknown): void {
    for (const job of this.#takeAll()) {
      if (!job.isOver) job.fail(makeError(job.op));
    }
  }

  /** Calls that were not handed over fail; what was accepted goes on. */
  close(): void {
    const accepted: Job[] = [];
    for (const job of this.#takeAll()) {
      if (job.isOver) continue;
      if (job.op === "trySendTo" || job.op === "trySend") accepted.push(job);
      else job.fail(this.#line.owner.error("EBADF", job.op));
    }
    this.#jobs = accepted;
  }

  /** What the runtime holds, and what waits, will never be sent. */
  abandon(): void {
    const { owner } = this.#line;
    for (const job of this.#handedOver) {
      if (!job.isOver) job.fail(owner.error("EBADF", job.op, job.to));
    }
    this.refuse((op) => owner.error("EBADF", op));
  }
}
