/**
 * What carries the records: a Duplex, which the engines take, over a raw
 * stream.
 *
 * @module
 */

import { systemClock, type Timer } from "../../../clock.ts";
import { concat } from "../../../byte_queue.ts";
import type { Bytes } from "../../../contracts.ts";
import { afterTurn } from "../../../turn.ts";
import { alertRecord } from "../../../tls/alerts.ts";
import type { ClientHello } from "../../../tls/client_hello.ts";
import { RecordWatch } from "../../../tls/records.ts";
import { quirks } from "../quirks.ts";
import { Fault } from "../../seam/fault.ts";
import type { RawStream, StreamSink } from "../../seam/stream.ts";
import { HelloListener } from "./hello_listener.ts";
import type { Duplex, Modules } from "./native.ts";
import type { Transport } from "./transport.ts";

/** So many bytes of records are in hand before the stream below is paused. */
const MARK_BYTES = 65_536;

/**
 * A write failed, and what the peer said before (an alert!) is still to be
 * read: so long the reading side has to end by itself.
 */
const LAST_WORDS_MS = 50;

/** So long a write of ours that is under way may hold up the close. */
const LAST_WRITE_MS = 200;

/** So many bytes of records are copied to be written as one. */
const LARGEST_COPY_BYTES = 16_384;

const NOTHING = new Uint8Array(0);

type Done = (error?: Error | null) => void;

/** A fault on its way through an engine. */
export class FaultError extends Error {
  readonly code: string;
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.code);
    // Streams ask for it, and to make it costs more than all the rest.
    this.stack = fault.code;
    this.code = fault.code;
    this.fault = fault;
  }
}

/** A Duplex over a raw stream, whose sink it is. */
export class Carrier implements StreamSink, Transport {
  readonly isNative = false;
  readonly duplex: Duplex;
  readonly under: RawStream;
  readonly released: Promise<void>;
  watch: RecordWatch | undefined = new RecordWatch();
  fault: Fault | undefined;
  taken = 0;
  isFeeding = false;
  onFed: () => void = ignore;
  /** Whether anything was written. */
  #hasWritten = false;
  /** Whether bytes that come before we have written are refused. */
  #isMute = false;
  onTrouble: () => void = ignore;
  #onReleased: () => void = ignore;
  #isReleased = false;
  /** Whether `close` was called, and whether it has let go. */
  #isEnding = false;
  #isClosing = false;
  /** Whether the reader of the plain bytes wants any. */
  #isWanted = true;
  #rest: Uint8Array | undefined;
  /** What is written behind the rest. */
  #next: Uint8Array[] = [];
  #done: Done | undefined;
  /** What the engine has written since it corked, and whom it told to tell. */
  #corked: Uint8Array[] = [];
  #toldOf: Done[] = [];
  #hello: HelloListener | undefined;
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
      writev: (pieces, done) =>
        this.#writeAll(pieces.map(({ chunk }) => chunk), done),
      final: (done) => this.#finish(done),
      destroy: (error, done) => done(error),
    });
    this.duplex.on("error", ignore);
    if (quirks().corksRecords) this.#takeWrites();
    under.attach(this);
  }

  /**
   * Takes what the engine writes past the queue of the Duplex: one write is
   * under way at a time anyhow, and to be queued, corked and told of through
   * it is a sixth of an echo of 1 KiB (Node 26).
   */
  #takeWrites(): void {
    const { duplex } = this;
    duplex.cork = ignore;
    duplex.write = (chunk, done) => {
      this.#corked.push(chunk);
      this.#toldOf.push(done);
      return true;
    };
    duplex.uncork = () => this.#uncork();
  }

  #uncork(): void {
    const chunks = this.#corked;
    const told = this.#toldOf;
    if (chunks.length === 0) return;
    this.#corked = [];
    this.#toldOf = [];
    this.#writeAll(chunks, (error) => told.forEach((tell) => tell(error)));
  }

  // ---- what the stream below tells

  data(chunk: Bytes): boolean {
    this.watch?.push(chunk);
    if (this.#isMute && !this.#hasWritten) return this.#refuseEarly();
    if (this.#hello !== undefined) return this.#hello.push(chunk);
    return this.#feed(chunk, false);
  }

  passing(chunk: Uint8Array): boolean {
    if (this.#hello !== undefined) return this.data(chunk.slice());
    this.watch?.push(chunk);
    if (this.#isMute && !this.#hasWritten) return this.#refuseEarly();
    return this.#feed(chunk, true);
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#hello !== undefined) this.#hello.end();
    else this.#push(null);
    this.onTrouble();
  }

  failed(fault: Fault): void {
    this.fault ??= fault;
    this.#hello?.fail(fault);
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
    this.#hello?.end();
    this.#settleWrite(new FaultError(this.fault ?? new Fault("EBADF")));
    if (!this.#isEnding && !this.#hasEnded && this.fault === undefined) {
      this.fault = new Fault("ECONNABORTED", undefined, CLOSED_ELSEWHERE);
      this.#die();
    }
    this.#onReleased();
    this.onTrouble();
  }

  // ---- before TLS

  /** From then on a byte that comes before our hello is refused, too. */
  async listenFirst(): Promise<void> {
    this.#isMute = true;
    this.under.resume();
    await new Promise<void>((resolve) => systemClock.afterPoll!(resolve));
  }

  async readHello(
    early: Uint8Array | undefined,
  ): Promise<ClientHello | undefined> {
    const hello = this.#hello = new HelloListener(this.under);
    if (early !== undefined) {
      this.watch?.push(early);
      hello.push(early);
    }
    try {
      return await hello.listen();
    } finally {
      this.#hello = undefined;
      const { bytes } = hello;
      if (bytes.length > 0) this.duplex.push(bytes);
      if (this.#hasEnded) this.duplex.push(null);
    }
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
   * Gives records to the engine. While it is flowing and nothing is in hand, as
   * a Duplex would, but without its book-keeping: engines copy what they are
   * told.
   */
  #feed(chunk: Uint8Array, isPassing: boolean): boolean {
    const { duplex } = this;
    this.isFeeding = true;
    try {
      if (duplex.readableFlowing === true && duplex.readableLength === 0) {
        duplex.emit("data", chunk);
      } else duplex.push(isPassing ? chunk.slice() : chunk);
    } finally {
      this.isFeeding = false;
    }
    this.onFed();
    // Node 26 says nothing of an alert that it does not know, nor Deno of one
    // that ends in order.
    if (this.watch?.isOver) this.onTrouble();
    const goesOn = this.#isWanted && duplex.readableLength < MARK_BYTES;
    if (goesOn) this.#read();
    return goesOn;
  }

  want(flag: boolean): void {
    this.#isWanted = flag;
    if (!flag) this.under.pause();
    else if (this.duplex.readableLength < MARK_BYTES) this.#read();
  }

  #read(): void {
    if (this.#hasEnded) return;
    if (this.fault !== undefined) this.#die();
    else if (this.#isWanted) this.under.resume(true);
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

  /** Several at once: short ones as one, so that they leave in one segment. */
  #writeAll(chunks: readonly Uint8Array[], done: Done): void {
    if (chunks.length === 1) return this.#write(chunks[0] as Uint8Array, done);
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    if (size <= LARGEST_COPY_BYTES) return this.#write(concat(chunks), done);
    const [first, ...next] = chunks.filter(({ length }) => length > 0);
    this.#next = next;
    this.#write(first as Uint8Array, done);
  }

  #pump(): void {
    if (this.#done === undefined || this.#rest === undefined) return;
    if (this.#isClosing || this.fault !== undefined) return this.#failWrite();
    this.#hasWritten = true;
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
    this.taken += count;
    this.#rest = this.#rest?.subarray(count);
    if (this.#rest?.length === 0) this.#goOn();
  }

  /** One piece is with the stream below: the next follows. */
  #goOn(): void {
    const next = this.#next.shift();
    if (next === undefined) return this.#settleWrite();
    this.#rest = next;
    this.#pump();
  }

  async #awaitWrite(taken: Promise<number>): Promise<void> {
    const rest = this.#rest as Uint8Array;
    this.#rest = undefined;
    try {
      const count = await taken;
      this.taken += count;
      this.#rest = rest.subarray(count);
    } catch (error) {
      return this.#broke(error);
    }
    if (this.#rest.length === 0) this.#goOn();
    else this.#pump();
  }

  #failWrite(): void {
    this.#settleWrite(new FaultError(this.fault ?? new Fault("EBADF")));
  }

  #settleWrite(error?: Error): void {
    const done = this.#done;
    this.#done = this.#rest = undefined;
    this.#next = [];
    done?.(error ?? null);
  }

  /**
   * A write failed. What the peer said before is read first: the reading side
   * of every driver fails or ends soon after.
   */
  #broke(error: unknown): void {
    const isOver = this.#isEnding || this.#isReleased;
    if (isOver || this.fault !== undefined) return this.#failWrite();
    const fault = this.#namedFault(error);
    this.fault = fault;
    this.#done = this.#rest = undefined;
    this.#next = [];
    this.under.resume(true);
    this.#timer = systemClock.start(LAST_WORDS_MS, () => this.#die());
  }

  #namedFault(error: unknown): Fault {
    if (error instanceof Fault) return error;
    return this.under.faultOf?.(error) ?? new Fault("EIO", error);
  }

  /** Deno's engine leaves clients whose hello it refuses without one. */
  async alert(number: number): Promise<void> {
    if (this.#hasWritten || this.fault !== undefined) return;
    try {
      await this.under.write(alertRecord(number));
    } catch {
      // The peer is gone; the handshake failed before.
    }
  }

  get isDrained(): boolean {
    const isUnderWay = this.#done !== undefined || this.fault !== undefined;
    return !isUnderWay && this.duplex.writableLength === 0;
  }

  /** For a FIN the engine has been told the end of the Duplex before. */
  isNotified(): boolean {
    return !this.duplex.readableEnded;
  }

  /** Whatever it is: the engine knows nothing of the stream below. */
  faultOf(): Fault | undefined {
    return this.fault;
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const told: Done = (error) => error ? reject(error) : resolve();
      if (!quirks().corksRecords) this.duplex.write(NOTHING, told);
      else this.#behindWrite(told);
    });
  }

  /** Tells when the write under way is over, and how. */
  #behindWrite(told: Done): void {
    const { fault } = this;
    if (fault !== undefined) return told(new FaultError(fault));
    const done = this.#done;
    if (done === undefined) return told();
    this.#done = (error) => {
      done(error);
      told(error);
    };
  }

  #finish(done: Done): void {
    if (this.#isClosing) return done();
    this.under.shutdown().then(
      () => done(),
      (fault) => done(new FaultError(this.#namedFault(fault))),
    );
  }

  // ---- ending

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
