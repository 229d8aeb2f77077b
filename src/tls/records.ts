/**
 * Records of TLS as they go by, as far as they can be read without a key.
 *
 * @module
 */

import { ALERT, type Alert, plainAlert } from "./alerts.ts";

const HEADER_BYTES = 5;
const ALERT_BYTES = 7;

/** Looks at the records of a handshake, however they are cut. */
export class RecordWatch {
  /** The first byte that came. */
  firstByte: number | undefined;
  /** The number of an alert in the clear, if one came. */
  alert: number | undefined;
  /** Whether it is one behind which nothing may follow. */
  isOver = false;
  /** The front of the record of now, as long as an alert in the clear is. */
  readonly #front: number[] = [];
  /** How many bytes of the record of now are still to come. */
  #left = 0;

  /** Bytes came. */
  push(chunk: Uint8Array): void {
    this.firstByte ??= chunk[0];
    for (let at = 0; at < chunk.length;) {
      if (this.#front.length < ALERT_BYTES) this.#keep(chunk[at] as number);
      // What is not looked at is skipped at once.
      const step = this.#front.length < ALERT_BYTES
        ? 1
        : Math.max(1, Math.min(this.#left, chunk.length - at));
      at += step;
      this.#pass(step);
    }
  }

  #keep(byte: number): void {
    this.#front.push(byte);
    if (this.#front.length !== HEADER_BYTES) return;
    const length = (this.#front[3] as number) << 8 | (this.#front[4] as number);
    this.#left = length + 1; // its own last byte is still to pass
  }

  #pass(count: number): void {
    if (this.#front.length < HEADER_BYTES) return;
    this.#left -= count;
    if (this.#left > 0) return;
    if (this.#front[0] === ALERT) {
      this.#look(plainAlert(new Uint8Array(this.#front)));
    }
    this.#front.length = 0;
  }

  #look(alert: Alert | undefined): void {
    if (alert === undefined || this.isOver) return;
    if (alert.isLast) this.alert = alert.number;
    else this.alert ??= alert.number;
    this.isOver = alert.isLast;
  }
}
