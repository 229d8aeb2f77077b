/**
 * Sending by reference: calls that cannot be cut short give the runtime the
 * program's own memory, and no byte is copied.
 *
 * @module
 */

import { gather } from "./gather.ts";
import { SendingState } from "./sending_state.ts";

/** A sending half as far as it sends by reference. */
export abstract class DirectSending extends SendingState {
  /** A send by reference is under way. */
  protected isDirect = false;
  /** The file whose send it is; the socket's own has none. */
  #caller: object | undefined;
  /** The socket was closed during a send of its own, while files go on. */
  #isInterrupted = false;
  /** Wakes a send that waits for room in the kernel. */
  #wake: (() => void) | undefined;

  /** Whether a sending call is pending. */
  abstract get isBusy(): boolean;

  /** Accepted bytes that the kernel has not taken: they go first. */
  abstract get unwritten(): number;

  /**
   * `sendAll` of one piece that cannot be cut short: the usual case. Where the
   * kernel takes it at once, no promise is made.
   */
  sendOne(op: string, data: Uint8Array): Promise<void> {
    if (!this.#isIdle || data.length === 0) return this.sendDirect(op, [data]);
    let taken: number | Promise<number>;
    this.#start(undefined);
    try {
      taken = this.raw.write(data);
    } catch (error) {
      return Promise.reject(this.raise(error, op));
    }
    if (taken === data.length) {
      this.bytesSent += taken;
      return DONE;
    }
    return typeof taken === "number"
      ? this.#sendRest(op, [data], taken)
      : this.#awaitOne(op, data, taken);
  }

  /** Sends everything; settles when the kernel has it. */
  protected sendDirect(
    op: string,
    chunks: readonly Uint8Array[],
    caller?: object,
  ): Promise<void> {
    if (this.isBusy) return this.refuse("EBUSY", op);
    this.#start(caller);
    const writes = gather(chunks);
    const first = writes[0];
    let taken: number | Promise<number> | undefined;
    try {
      this.check(op);
      if (first === undefined) return DONE;
      if (this.unwritten === 0) taken = this.raw.write(first);
    } catch (error) {
      return Promise.reject(this.raise(error, op));
    }
    if (taken === first.length && writes.length === 1) {
      this.bytesSent += taken;
      return DONE;
    }
    return this.#sendRest(op, writes, taken);
  }

  /** Ends the socket's own send once the runtime has let go of its memory. */
  protected interruptDirect(): void {
    if (!this.isDirect || this.#caller !== undefined) return;
    this.#isInterrupted = true;
    this.wake();
  }

  /** Something changed on the sending side. */
  protected wake(): void {
    this.#wake?.();
  }

  #start(caller: object | undefined): void {
    this.begin();
    this.#caller = caller;
    this.#isInterrupted = false;
  }

  /** Throws what ends a send that is under way. */
  #goOn(op: string): void {
    if (this.#isInterrupted) throw this.error("EBADF", op);
  }

  /** Whether a write may go to the runtime at once. */
  get #isIdle(): boolean {
    return this.unwritten === 0 && !this.isBusy && !this.isFinished &&
      !this.isClosed && this.fault === undefined;
  }

  /** The runtime has all of it; goes on by itself if the kernel took a part. */
  async #awaitOne(
    op: string,
    data: Uint8Array,
    taken: Promise<number>,
  ): Promise<void> {
    this.isDirect = true;
    let count = 0;
    try {
      count = await taken;
    } catch (error) {
      throw this.raise(error, op);
    } finally {
      this.isDirect = false;
    }
    this.bytesSent += count;
    this.#goOn(op);
    if (count === data.length) return this.owner.changed();
    this.check(op);
    await this.#sendRest(op, [data.subarray(count)], undefined);
  }

  /** The slow half of `sendDirect`: waits for the runtime. */
  async #sendRest(
    op: string,
    chunks: readonly Uint8Array[],
    begun: number | Promise<number> | undefined,
  ): Promise<void> {
    this.isDirect = true;
    try {
      if (begun === undefined) await this.#drained(op);
      let taken = begun;
      for (const chunk of chunks) {
        await this.#sendChunk(op, chunk, taken);
        taken = undefined;
      }
    } catch (error) {
      throw this.raise(error, op);
    } finally {
      this.isDirect = false;
      this.owner.changed();
    }
  }

  async #sendChunk(
    op: string,
    chunk: Uint8Array,
    begun: number | Promise<number> | undefined,
  ): Promise<void> {
    let rest = chunk;
    let taken = begun ?? this.raw.write(rest);
    while (true) {
      const isAtOnce = typeof taken === "number";
      const count = await taken;
      this.bytesSent += count;
      rest = rest.subarray(count);
      this.#goOn(op);
      if (rest.length === 0) return;
      this.check(op);
      if (isAtOnce) await this.#room();
      this.#goOn(op);
      this.check(op);
      taken = this.raw.write(rest);
    }
  }

  /** Settles when accepted bytes that came before are with the kernel. */
  async #drained(op: string): Promise<void> {
    while (this.unwritten > 0) {
      await this.#room();
      this.#goOn(op);
      this.check(op);
    }
  }

  /** Settles when something changed on the sending side. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

const DONE: Promise<void> = Promise.resolve();
