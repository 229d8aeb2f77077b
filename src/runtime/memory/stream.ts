/**
 * One end of a connection in memory: the kernel's half of a socket, told in
 * the words of the seam.
 *
 * @module
 */

import { ByteQueue } from "../../byte_queue.ts";
import type { Address, Bytes } from "../../contracts.ts";
import { Fault } from "../seam/fault.ts";
import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { RawStream, StreamSink } from "../seam/stream.ts";
import { KeepAlive } from "./keep_alive.ts";
import { type FarEnd, Line, type NearEnd } from "./line.ts";
import { MEMORY_OPTION_SUPPORTS } from "./options.ts";
import type { Protocol } from "./rules.ts";
import type { Place, Wire } from "./wire.ts";

/** The two ends of a connection, and what it is known by. */
export interface Ends {
  /** The end that connected. */
  readonly client: EndOptions;
  /** The end that was accepted. */
  readonly server: EndOptions;
  readonly proto: Protocol;
  /** The server's port. */
  readonly port: number;
  /** Such as `"c3"`: the connection's number among its like. */
  readonly id: string;
}

/** Where one end is, and the addresses that it sees. */
export interface EndOptions {
  readonly place: Place;
  /** Its own address. */
  readonly local: Address;
  /** The other end's. */
  readonly remote: Address;
  /** Called when it is released. */
  readonly freed: (end: MemoryStream) => void;
}

/** Two connected ends. */
export function streamPair(
  wire: Wire,
  ends: Ends,
): [client: MemoryStream, server: MemoryStream] {
  const client = new MemoryStream(wire, ends.client);
  const server = new MemoryStream(wire, ends.server);
  client.pairWith(server, ends);
  server.pairWith(client, ends);
  return [client, server];
}

/** A write whose memory has not been read yet. */
interface LateWrite {
  readonly data: Uint8Array;
  resolve(count: number): void;
  reject(fault: unknown): void;
}

/** What a program waits for at a stream. */
export type Waiting = "recv from" | "send to" | undefined;

/** A connected stream of a memory network. */
export class MemoryStream implements RawStream, FarEnd, NearEnd {
  writesAtOnce = true;
  readonly #wire: Wire;
  readonly #end: EndOptions;
  /** Set by `pairWith` before anybody else sees this end. */
  #out!: Line;
  #in!: Line;
  /** What has arrived, and is not taken by the program. */
  readonly #inbox = new ByteQueue();
  #hasEndArrived = false;
  /** Bytes that the program was given so far. */
  #given = 0;
  /** Where the next cut of a link that cuts may be. */
  #nextCut = 0;
  #sink: StreamSink | undefined;
  #isFlowing = false;
  #isDelivering = false;
  #isWakeDue = false;
  #isWriterWaiting = false;
  #isEndGiven = false;
  #isReleased = false;
  #isPeerNameGone = false;
  /** Set when the connection died; what writes fail with from then on. */
  #broken: Fault | undefined;
  #isFailureGiven = false;
  #lateWrite: LateWrite | undefined;
  #keepAlive: KeepAlive | undefined;
  #writes = 0;

  /** Made by {@linkcode streamPair}. */
  constructor(wire: Wire, end: EndOptions) {
    this.#wire = wire;
    this.#end = end;
  }

  /** Joins it to the other end; once, by {@linkcode streamPair}. */
  pairWith(peer: MemoryStream, { id, proto, port }: Ends): void {
    const from = this.#end.place;
    const to = peer.#end.place;
    const name = `${id}:${from.name}>${to.name}:${port}`;
    this.#out = new Line(
      this.#wire,
      { from, to, proto, port, name },
      this,
      peer,
    );
    peer.#in = this.#out;
    this.writesAtOnce = (this.#out.rules.lateWriteRate ?? 0) === 0;
  }

  get remoteAddress(): Address | undefined {
    return this.#isPeerNameGone ? undefined : this.#end.remote;
  }

  localAddress(): Address {
    return this.#end.local;
  }

  /** What its program waits for, for who asks why nothing happens. */
  get waiting(): Waiting {
    if (this.#isReleased) return undefined;
    if (this.#isWriterWaiting) return "send to";
    return this.#isFlowing ? "recv from" : undefined;
  }

  get isEmpty(): boolean {
    return this.#inbox.length === 0;
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
    this.#wake();
  }

  resume(): void {
    if (this.#isFlowing) return;
    this.#isFlowing = true;
    this.#wake();
  }

  pause(): void {
    this.#isFlowing = false;
  }

  write(data: Uint8Array): number | Promise<number> {
    const { lateWriteRate = 0 } = this.#out.rules;
    const isLate = !this.writesAtOnce && lateWriteRate > 0 &&
      this.#strikes("late write", lateWriteRate);
    return isLate ? this.#writeLater(data) : this.#writeNow(data);
  }

  /** By the number of the write: its place may be that of several. */
  #strikes(what: string, rate: number): boolean {
    const key = `${what} ${this.#out.name} ${++this.#writes}`;
    return this.#wire.chance.strikes(rate, key);
  }

  #writeNow(data: Uint8Array): number {
    if (this.#end.place.isDead) return 0;
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#isReleased) throw new Fault("EBADF");
    if (this.#out.isEnding) throw new Fault("EPIPE");
    const count = this.#shorten(Math.min(data.length, this.#out.free));
    const isAll = count === data.length;
    if (count > 0) this.#out.put(isAll ? data : data.subarray(0, count));
    if (count < data.length) this.#waitForRoom();
    return count;
  }

  /** What the driver takes of what there is room for. */
  #shorten(size: number): number {
    const { shortWriteRate = 0 } = this.#out.rules;
    if (shortWriteRate === 0 || size < 2) return size;
    if (!this.#strikes("short write", shortWriteRate)) return size;
    return sizeBetween(
      1,
      size - 1,
      this.#wire.chance.draw(`size ${this.#out.name} ${this.#writes}`),
    );
  }

  /**
   * As runtimes do that write behind the caller's back: the memory is read in
   * a later turn, once there is room.
   */
  #writeLater(data: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#lateWrite = { data, resolve, reject };
      this.#later(this.#tryLateWrite);
    });
  }

  readonly #tryLateWrite = (): void => {
    const late = this.#lateWrite;
    if (late === undefined) return;
    try {
      const count = this.#writeNow(late.data);
      // Nothing went: it is tried again when there is room.
      if (count === 0 && late.data.length > 0) return;
      this.#lateWrite = undefined;
      late.resolve(count);
    } catch (fault) {
      this.#lateWrite = undefined;
      late.reject(fault);
    }
  };

  shutdown(): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (!this.#isReleased && !this.#end.place.isDead) this.#out.end();
    return Promise.resolve();
  }

  reset(): void {
    if (this.#isReleased) return;
    this.#out.reset();
    this.#release();
  }

  close(): void {
    if (this.#isReleased) return;
    // As Linux does: unread input turns the FIN into a RST.
    if (this.isEmpty) this.#out.end();
    else this.#out.reset();
    this.#release();
  }

  /** Nobody outside this process can act on the stream: nothing to wait for. */
  ref(_flag: boolean): void {}

  /** No small segment ever waits for another, so that `noDelay` always holds. */
  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    if (name === "keepAlive") return this.#setKeepAlive(value, tuning);
    if (name !== "typeOfService") return;
    const reason = MEMORY_OPTION_SUPPORTS.typeOfService as string;
    throw new Fault("ENOPROTOOPT", undefined, reason);
  }

  #setKeepAlive(value: number, tuning: KeepAliveTuning | undefined): void {
    this.#keepAlive?.stop();
    this.#keepAlive = undefined;
    // Where nothing gets lost, no peer vanishes without a word.
    if (value === 0 || this.#isReleased || !this.#wire.isReal) return;
    this.#keepAlive = new KeepAlive(this.#wire, this.#out, this, tuning);
  }

  detach(): never {
    throw new Fault("EOPNOTSUPP", undefined, "a memory network has no handle");
  }

  /** Before it is handed over by a listener: a peer that reset has no name. */
  handOver(): this {
    this.#isPeerNameGone = this.#broken !== undefined;
    return this;
  }

  #release(): void {
    this.#isReleased = true;
    this.#inbox.clear();
    this.#keepAlive?.stop();
    this.#end.freed(this);
    this.#later(() => {
      this.#tryLateWrite();
      this.#sink?.closed();
    });
  }

  // ---- what comes from the wire

  receive(bytes: Bytes): boolean {
    this.#keepAlive?.heard();
    if (this.#isGone) return false;
    this.#inbox.push(bytes);
    this.#end.place.run(this.#deliver);
    return true;
  }

  receiveEnd(): boolean {
    this.#keepAlive?.heard();
    if (this.#end.place.isDead) return false;
    this.#hasEndArrived = true;
    this.#end.place.run(this.#deliver);
    return true;
  }

  receiveReset(): void {
    // The code that Linux stores: a reset behind a FIN hits the writer only.
    this.#fail(this.#hasEndArrived ? "EPIPE" : "ECONNRESET");
  }

  answerReset(): boolean {
    if (this.#end.place.isDead) return false;
    this.#out.answerReset();
    return true;
  }

  timedOut(): void {
    this.#fail("ETIMEDOUT");
  }

  /** Whether a segment finds nobody here. */
  get #isGone(): boolean {
    return this.#end.place.isDead || this.#isReleased ||
      this.#broken !== undefined;
  }

  /** Whether a probe of the peer is answered as a living connection does. */
  get isAlive(): boolean {
    return !this.#isGone;
  }

  #fail(code: string): void {
    if (this.#isGone) return;
    this.#broken = new Fault(code);
    this.#keepAlive?.stop();
    this.#out.abandon();
    this.#announceRoom();
    this.#end.place.run(this.#deliver);
  }

  /** Runs a task of this host in the next turn. */
  #later(task: () => void): void {
    const { place } = this.#end;
    this.#wire.tasks.run(() => place.run(task));
  }

  /** Looks, in the next turn, at what has come. */
  #wake(): void {
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    this.#later(this.#wakened);
  }

  readonly #wakened = (): void => {
    this.#isWakeDue = false;
    this.#deliver();
  };

  readonly #deliver = (): void => {
    const sink = this.#sink;
    if (sink === undefined || this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      this.#giveChunks(sink);
      this.#giveEnd(sink);
    } finally {
      this.#isDelivering = false;
    }
  };

  #giveChunks(sink: StreamSink): void {
    while (this.#isFlowing && !this.#isReleased && !this.isEmpty) {
      const { length } = this.#inbox;
      const size = this.#chunkSize(Math.min(length, this.#wire.maxChunkBytes));
      const chunk = this.#inbox.take(size);
      this.#given += size;
      this.#in.taken(size);
      if (!sink.data(chunk)) this.#isFlowing = false;
      // What a link has cut comes at different times.
      if (size < length && this.#in.rules.chunkBytes) return this.#wake();
    }
  }

  /**
   * The size of the next chunk. The places where a link may cut follow from
   * the stream's name alone, whichever of them it does cut at: else leaving
   * out one cut would move those behind it.
   */
  #chunkSize(most: number): number {
    const { chunkBytes } = this.#in.rules;
    if (chunkBytes === undefined) return most;
    const { chance } = this.#wire;
    const { name } = this.#in;
    while (this.#nextCut < this.#given + most) {
      const at = this.#nextCut;
      if (at > this.#given && chance.strikes(1, `split ${name} at ${at}`)) {
        return at - this.#given;
      }
      const drawn = chance.draw(`cut ${name} at ${at}`);
      this.#nextCut += sizeBetween(...chunkBytes, drawn);
    }
    return most;
  }

  #giveEnd(sink: StreamSink): void {
    if (this.#isReleased || !this.isEmpty) return;
    if (this.#hasEndArrived && !this.#isEndGiven) {
      if (!this.#isFlowing) return;
      this.#isEndGiven = true;
      sink.end();
    }
    if (this.#broken === undefined || this.#isFailureGiven) return;
    if (this.#isReleased) return;
    this.#isFailureGiven = true;
    sink.failed(this.#broken);
  }

  // ---- what the writer waits for

  #waitForRoom(): void {
    this.#isWriterWaiting = true;
    // A short write may have left room that nobody would announce.
    this.roomMade();
  }

  /** As Linux does: a writer hears of room once a third is free. */
  roomMade(): void {
    if (this.#isWriterWaiting && this.#out.isRoomy) this.#announceRoom();
  }

  #announceRoom(): void {
    if (!this.#isWriterWaiting) return;
    this.#isWriterWaiting = false;
    this.#later(this.#tellOfRoom);
  }

  readonly #tellOfRoom = (): void => {
    if (this.#lateWrite !== undefined) this.#tryLateWrite();
    else if (!this.#isReleased) this.#sink?.writable();
  };
}

/**
 * A size by chance. Every order of magnitude is equally likely, so that single
 * bytes and full buffers both turn up often.
 */
function sizeBetween(min: number, max: number, drawn: number): number {
  const size = Math.floor(min * 2 ** (drawn * Math.log2((max + 1) / min)));
  return Math.min(Math.max(size, min), max);
}
