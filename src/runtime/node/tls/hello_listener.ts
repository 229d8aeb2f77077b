/**
 * Waiting for a client's first message.
 *
 * @module
 */

import {
  type ClientHello,
  ClientHelloReader,
} from "../../../tls/client_hello.ts";
import type { RawStream } from "../../seam/stream.ts";

/** Reads a ClientHello off a stream, whose sink hands over what comes. */
export class HelloListener {
  readonly #under: RawStream;
  readonly #reader = new ClientHelloReader();
  readonly #whole: Promise<ClientHello | undefined>;
  #onHello: (hello: ClientHello | undefined) => void = ignore;
  #onNoHello: (fault: unknown) => void = ignore;
  #isOver = false;

  constructor(under: RawStream) {
    this.#under = under;
    this.#whole = new Promise((resolve, reject) => {
      this.#onHello = resolve;
      this.#onNoHello = reject;
    });
    this.#whole.catch(ignore); // told by `listen`
  }

  /** Every byte so far, for who does the handshake. */
  get bytes(): Uint8Array {
    return this.#reader.bytes;
  }

  /**
   * The hello; `undefined` if the peer ended before. The stream below is left
   * paused.
   */
  listen(): Promise<ClientHello | undefined> {
    if (!this.#isOver) this.#under.resume();
    return this.#whole;
  }

  /** Bytes came. Gives whether more are wanted. */
  push(chunk: Uint8Array): boolean {
    let hello: ClientHello | undefined;
    try {
      hello = this.#reader.push(chunk);
    } catch (fault) {
      this.fail(fault);
      return false;
    }
    if (hello !== undefined) this.#finish(() => this.#onHello(hello));
    else this.#under.resume();
    return hello === undefined;
  }

  /** The peer has ended. */
  end(): void {
    this.#finish(() => this.#onHello(undefined));
  }

  /** It will never come. */
  fail(fault: unknown): void {
    this.#finish(() => this.#onNoHello(fault));
  }

  #finish(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#under.pause();
    tell();
  }
}

function ignore(): void {}
