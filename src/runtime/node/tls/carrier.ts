/**
 * What carries the records: a Duplex, which the engines take, over a raw
 * stream.
 *
 * @module
 */

import { systemClock, type Timer } from "../../../clock.ts";
import type { Bytes } from "../../../contracts.ts";
import { afterTurn } from "../../../turn.ts";
import {
  type ClientHello,
  ClientHelloReader,
} from "../../../tls/client_hello.ts";
import { RecordWatch } from "../../../tls/records.ts";
import { Fault } from "../../seam/fault.ts";
import type { RawStream, StreamSink } from "../../seam/stream.ts";
import type { Duplex, Modules } from "./native.ts";

/** So many bytes of records are in hand before the stream below is paused. */
const MARK_BYTES = 65_536;

/**
 * A write failed, and what the peer said before (an alert!) is still to be
 * read: so long the reading side has to end by itself.
 */
const LAST_WORDS_MS = 50;

/** So long a write of ours that is under way may hold up the close. */
const LAST_WRITE_MS = 200;

const NOTHING = new Uint8Array(0);

type Done = (error?: Error | null) => void;

/** A fault on its way through an engine. */
export class FaultError extends Error {
  readonly code: string;
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.code);
    this.code = fault.code;
    this.fault = fault;
  }
}

/** A Duplex over a raw stream, whose sink it is. */
export class Carrier implements StreamSink {
  /** What the engine reads and writes. */
  readonly duplex: Duplex;
  /** The raw stream. */
  readonly under: RawStream;
  /** Settles when the descriptor is released. */
  readonly released: Promise<void>;
  /** What was seen of the handshake; `undefined` once it is over. */
  watch: RecordWatch | undefined = new RecordWatch();
  /** What broke the stream below. */
  fault: Fault | undefined;
  /** Whether anything was written. */
  hasWritten = false;
  /** Whether bytes that come before we have written are refused. */
  isMute = false;
  /** Told of an end, a failure or a release, and of early bytes. */
  onTrouble: () => void = ignore;
  #onReleased: () => void = ignore;
  #isReleased = false;
  /** Whether `close` was called, and whether it has let go. */
  #isEnding = false;
  #isClosing = false;
  /** Whether the reader of the plain bytes wants any. */
  #isWanted = true;
  #rest: Uint8Array | undefined;
  #done: Done | undefined;
  #reader: ClientHelloReader | undefined;
  #onHello: (hello: ClientHello | undefined) => void = ignore;
  #onNoHello: (fault: unknown) => void = ignore;
  #hasEnded = false;
  /** Of the last words of the peer, or of our last write. */
  #timer: Timer | undefined;

  /** Becomes the sink of `under`. */
  constructor(under: RawStream, { Duplex }: Modules) {
    this.under = under;
    this.released = new Promise((resolve) => this.#onReleased = resolve);
    this.duplex = new Duplex({
      allowHalfOpen: true,
      autoDestroy: false,
      readableHighWaterMark: MARK_BYTES,
      writableHighWaterMark: MARK_BYTES,
      read: () => this.#read(),
      write: (chunk, _encoding, done) => this.#write(chunk, done),
      final: (done) => this.#finish(done),
      destroy: (error, done) => done(error),
    });
    this.duplex.on("error", ignore);
    under.attach(this);
  }

  // ---- what the stream below tells

  data(chunk: Bytes): boolean {
    this.watch?.push(chunk);
    if (this.isMute && !this.hasWritten) return this.#refuseEarly();
    if (this.#reader !== undefined) return this.#readHello(chunk);
    return this.#push(chunk);
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#reader !== undefined) this.#onHello(undefined);
    else this.#push(null);
    this.onTrouble();
  }

  failed(fault: Fault): void {
    this.fault ??= fault;
    if (this.#reader !== undefined) this.#onNoHello(fault);
    this.#settleWrite(new FaultError(fault));
    // What came before the failure is read first.
    if (this.duplex.readableLength === 0) this.#die();
    this.onTrouble();
  }

  writable(): void {
    this.#pump();
  }

  closed(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#timer?.cancel();
    if (this.#reader !== undefined) this.#onHello(undefined);
    this.#settleWrite(new FaultError(this.fault ?? new Fault("EBADF")));
    if (!this.#isEnding && !this.#hasEnded && this.fault === undefined) {
      this.fault = new Fault("ECONNABORTED", undefined, CLOSED_ELSEWHERE);
      this.#die();
    }
    this.#onReleased();
    this.onTrouble();
  }

  // ---- before TLS

  /**
   * Reads the ClientHello, which goes to the engine all the same. `undefined`:
   * the peer ended before it was whole.
   */
  readHello(early: Uint8Array | undefined): Promise<ClientHello | undefined> {
    return new Promise((resolve, reject) => {
      this.#reader = new ClientHelloReader();
      this.#onHello = (hello) => {
        this.#leaveReader();
        resolve(hello);
      };
      this.#onNoHello = (fault) => {
        this.#leaveReader();
        reject(fault);
      };
      if (early !== undefined && early.length > 0) {
        this.watch?.push(early);
        this.#readHello(early);
      }
      if (this.#reader !== undefined) this.under.resume();
    });
  }

  #readHello(chunk: Uint8Array): boolean {
    try {
      const hello = this.#reader?.push(chunk);
      if (hello !== undefined) this.#onHello(hello);
      else this.under.resume();
      return hello === undefined;
    } catch (fault) {
      this.#onNoHello(fault);
      return false;
    }
  }

  #leaveReader(): void {
    const bytes = this.#reader?.bytes ?? NOTHING;
    this.#reader = undefined;
    this.under.pause();
    if (bytes.length > 0) this.duplex.push(bytes);
    if (this.#hasEnded) this.duplex.push(null);
  }

  /** The peer spoke before TLS began, or somebody between did. */
  #refuseEarly(): boolean {
    const reason = "bytes came before TLS had begun";
    this.fault ??= new Fault("EPROTO", undefined, reason);
    this.onTrouble();
    return false;
  }

  // ---- reading

  #push(chunk: Uint8Array | null): boolean {
    return this.duplex.push(chunk) && this.#isWanted;
  }

  /**
   * Whether plain bytes are wanted. Deno's engine reads on whatever its reader
   * says, so that the flow is stopped here, below it.
   */
  want(flag: boolean): void {
    this.#isWanted = flag;
    if (!flag) this.under.pause();
    else if (this.duplex.readableLength < MARK_BYTES) this.#read();
  }

  #read(): void {
    if (this.#hasEnded) return;
    if (this.fault !== undefined) this.#die();
    else if (this.#isWanted) this.under.resume();
  }

  /** The engine is told of the fault, once it has read what came before. */
  #die(): void {
    const { fault } = this;
    if (fault === undefined) return;
    afterTurn(() => this.duplex.destroy(new FaultError(fault)));
  }

  // ---- writing

  #write(chunk: Uint8Array, done: Done): void {
    if (chunk.length === 0) return done();
    this.#rest = chunk;
    this.#done = done;
    this.#pump();
  }

  #pump(): void {
    if (this.#done === undefined || this.#rest === undefined) return;
    if (this.#isClosing || this.fault !== undefined) return this.#failWrite();
    this.hasWritten = true;
    try {
      const taken = this.under.write(this.#rest);
      if (typeof taken === "number") this.#wrote(taken);
      else this.#awaitWrite(taken);
    } catch (error) {
      this.#broke(error);
    }
  }

  /** The stream below took a part; it tells when it takes more. */
  #wrote(count: number): void {
    this.#rest = this.#rest?.subarray(count);
    if (this.#rest?.length === 0) this.#settleWrite();
  }

  async #awaitWrite(taken: Promise<number>): Promise<void> {
    const rest = this.#rest as Uint8Array;
    this.#rest = undefined;
    try {
      this.#rest = rest.subarray(await taken);
    } catch (error) {
      return this.#broke(error);
    }
    if (this.#rest.length === 0) this.#settleWrite();
    else this.#pump();
  }

  #failWrite(): void {
    this.#settleWrite(new FaultError(this.fault ?? new Fault("EBADF")));
  }

  #settleWrite(error?: Error): void {
    const done = this.#done;
    this.#done = this.#rest = undefined;
    done?.(error ?? null);
  }

  /**
   * A write failed. What the peer said before is read first: the reading side
   * of every driver fails or ends soon after.
   */
  #broke(error: unknown): void {
    const isOver = this.#isEnding || this.#isReleased;
    if (isOver || this.fault !== undefined) return this.#failWrite();
    const fault = this.#faultOf(error);
    this.fault = fault;
    this.#done = this.#rest = undefined;
    this.under.resume();
    this.#timer = systemClock.start(LAST_WORDS_MS, () => this.#die());
  }

  #faultOf(error: unknown): Fault {
    if (error instanceof Fault) return error;
    return this.under.faultOf?.(error) ?? new Fault("EIO", error);
  }

  /** Settles when the stream below has taken everything. */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.duplex.write(NOTHING, (error) => error ? reject(error) : resolve());
    });
  }

  #finish(done: Done): void {
    if (this.#isClosing) return done();
    this.under.shutdown().then(
      () => done(),
      (fault) => done(new FaultError(this.#faultOf(fault))),
    );
  }

  // ---- ending

  /** Releases the stream below, behind a write that is under way. */
  close(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const done = this.#done;
    const isIdle = done === undefined || this.fault !== undefined;
    if (isIdle || this.#isReleased) return this.#release();
    this.#timer = systemClock.start(LAST_WRITE_MS, () => this.#release());
    this.#timer.ref?.(false);
    this.#done = (error) => {
      this.#release();
      done(error);
    };
  }

  #release(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#timer?.cancel();
    this.under.close();
    this.duplex.destroy();
  }
}

const CLOSED_ELSEWHERE = "the stream below was closed";
function ignore(): void {}
