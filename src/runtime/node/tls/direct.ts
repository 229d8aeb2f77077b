/**
 * `node:tls` on the `net.Socket` itself, which is what `native: true` is on
 * Node: nothing of ours is between the engine and the kernel. So nobody sees
 * whether an end is `close_notify` or a bare FIN.
 *
 * @module
 */

import { systemClock } from "../../../clock.ts";
import type { Bytes } from "../../../contracts.ts";
import type { ClientHello } from "../../../tls/client_hello.ts";
import { Fault, refuseNative } from "../../seam/fault.ts";
import type { RawStream, StreamSink } from "../../seam/stream.ts";
import { nodeFault } from "../error_mapping.ts";
import type { NodeInternals, NodeSocket } from "../native.ts";
import { hasNoPeer } from "../resets.ts";
import { NodeStream } from "../stream.ts";
import { HelloListener } from "./hello_listener.ts";
import type { Duplex } from "./native.ts";
import type { Transport } from "./transport.ts";

const NOTHING = new Uint8Array(0);

/** The socket of a raw stream, which gives it up once the engine asks. */
export class Direct implements StreamSink, Transport {
  readonly isNative = true;
  readonly watch: undefined = undefined;
  /** Nobody can tell. */
  readonly isFeeding = false;
  onFed: () => void = ignore;
  readonly taken = 0;
  readonly under: RawStream;
  readonly released: Promise<void>;
  fault: Fault | undefined;
  onTrouble: () => void = ignore;
  #onReleased: () => void = ignore;
  #socket: NodeSocket | undefined;
  #hello: HelloListener | undefined;
  /** What came before the engine asked. */
  #early: Uint8Array = NOTHING;
  #isTaken = false;

  /**
   * Becomes the sink of `under`.
   *
   * @throws {Fault} `EOPNOTSUPP` if that is no socket of `node:net`.
   */
  constructor(under: RawStream) {
    demandSocket(under);
    this.under = under;
    this.released = new Promise((resolve) => this.#onReleased = resolve);
    under.attach(this);
  }

  /** The socket: from now on it is the engine's. */
  get duplex(): Duplex {
    return (this.#socket ??= this.#take()) as unknown as Duplex;
  }

  #take(): NodeSocket {
    this.#isTaken = true;
    const socket = this.under.detach() as NodeSocket & {
      unshift(chunk: Uint8Array): unknown;
    };
    socket.on("error", (error) => this.#broke(nodeFault(error)));
    socket.on("close", () => this.#release());
    if (this.#early.length > 0) socket.unshift(this.#early);
    return socket;
  }

  #broke(fault: Fault): void {
    this.fault ??= fault;
    this.onTrouble();
  }

  #release(): void {
    this.#onReleased();
    this.onTrouble();
  }

  // ---- what the stream below tells, before it gives its socket up

  data(chunk: Bytes): boolean {
    if (this.#hello !== undefined) return this.#hello.push(chunk);
    const reason = "bytes came before TLS had begun";
    this.#broke(new Fault("EPROTO", undefined, reason));
    return false;
  }

  end(): void {
    if (this.#hello !== undefined) this.#hello.end();
    else this.#broke(new Fault("TLS_CLOSED", undefined, ENDED_BEFORE));
  }

  failed(fault: Fault): void {
    this.#hello?.fail(fault);
    this.#broke(fault);
  }

  writable(): void {}

  closed(): void {
    // It is told of a socket that was given up, too.
    if (this.#isTaken) return;
    this.fault ??= new Fault("ECONNABORTED", undefined, CLOSED_ELSEWHERE);
    this.#hello?.end();
    this.#release();
  }

  // ---- before TLS

  async listenFirst(): Promise<void> {
    this.under.resume();
    await new Promise<void>((resolve) => systemClock.afterPoll!(resolve));
    this.under.pause();
  }

  async readHello(
    early: Uint8Array | undefined,
  ): Promise<ClientHello | undefined> {
    const hello = this.#hello = new HelloListener(this.under);
    if (early !== undefined) hello.push(early);
    try {
      return await hello.listen();
    } finally {
      this.#early = hello.bytes;
    }
  }

  /** The engine sends its own. */
  alert(): Promise<void> {
    return Promise.resolve();
  }

  // ---- over TLS

  want(): void {}

  /** Whether the kernel has taken everything that the socket was given. */
  get isDrained(): boolean {
    const { _handle } = this.#socket as unknown as NodeInternals;
    return _handle?.writeQueueSize === 0;
  }

  /**
   * Whatever end it is; but a write of the engine's own, of session tickets,
   * may have taken a reset away. A socket that was reset has no peer.
   */
  isNotified(isShut: boolean): boolean {
    if (isShut || !hasNoPeer(this.#socket!)) return true;
    this.fault ??= new Fault("ECONNRESET");
    return false;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  /** The errors of system calls tell which one it was. */
  faultOf(error: unknown): Fault | undefined {
    const { syscall } = (error ?? {}) as { readonly syscall?: unknown };
    return typeof syscall === "string" ? nodeFault(error) : undefined;
  }

  close(): void {
    if (this.#socket === undefined) this.under.close();
    else this.#socket.destroy();
  }
}

/**
 * Throws unless a stream has a socket that the engine can take.
 *
 * @throws {Fault} `EOPNOTSUPP`
 */
export function demandSocket(under: RawStream): void {
  if (under instanceof NodeStream) return;
  refuseNative("the stream is no socket of the runtime");
}

const CLOSED_ELSEWHERE = "the stream below was closed";
const ENDED_BEFORE = "the peer ended the stream before TLS had begun";
function ignore(): void {}
