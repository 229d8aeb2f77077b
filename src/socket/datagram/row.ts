/**
 * Several datagrams on their way to a runtime that holds each for a while.
 *
 * @module
 */

import type { RawDatagram, RawSend } from "../../runtime/seam/datagram.ts";
import { Fault } from "../../runtime/seam/fault.ts";

/** A batch that is handed over in order. All are tried. */
export class Row {
  /** Datagrams that the kernel has taken. */
  sent = 0;
  /** The first failure. */
  fault: Fault | undefined;
  readonly #raw: RawDatagram;
  readonly #batch: readonly RawSend[];
  readonly #isClosed: () => boolean;
  #next = 0;
  /** Datagrams that the runtime holds. */
  #held = 0;
  #onOver: () => void = () => {};

  /** A row that has not started; when `isClosed`, what is left fails. */
  constructor(
    raw: RawDatagram,
    batch: readonly RawSend[],
    isClosed: () => boolean,
  ) {
    this.#raw = raw;
    this.#batch = batch;
    this.#isClosed = isClosed;
  }

  /** Starts; tells once when every datagram is settled. */
  start(onOver: () => void): void {
    this.#onOver = onOver;
    this.#advance();
  }

  /** One for all: a closure for each datagram costs more than a field. */
  readonly #landed = (fault: Fault | undefined): void => {
    this.#held--;
    this.#settle(fault);
    this.#advance();
  };

  #advance(): void {
    const batch = this.#batch;
    const raw = this.#raw;
    while (this.#next < batch.length && (this.#held === 0 || raw.queuesSends)) {
      if (this.#isClosed()) {
        this.#next = batch.length;
        this.#settle(new Fault("EBADF"));
        break;
      }
      const { data, to } = batch[this.#next++]!;
      try {
        raw.send(data, to, this.#landed);
        this.#held++;
      } catch (error) {
        this.#settle(error instanceof Fault ? error : new Fault("EIO", error));
      }
    }
    if (this.#next === batch.length && this.#held === 0) this.#onOver();
  }

  #settle(fault: Fault | undefined): void {
    if (fault === undefined) this.sent++;
    else this.fault ??= fault;
  }
}
