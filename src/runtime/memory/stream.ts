/**
 * One end of a connection in memory: the kernel's half of a socket, told in
 * the words of the seam.
 *
 * @module
 */

import type { Address, Bytes } from "../../contracts.ts";
import { Fault } from "../seam/fault.ts";
import type { OptionName } from "../seam/options.ts";
import type { RawStream, StreamSink } from "../seam/stream.ts";
import type { Dice } from "./dice.ts";
import { MEMORY_OPTION_SUPPORTS } from "./options.ts";
import { Pipe } from "./pipe.ts";
import type { Turns } from "./turns.ts";

/** What all connections of one network share. */
export interface Wire {
  /** The order of events. */
  readonly turns: Turns;
  /** Cuts and joins chunks where a seed was given. */
  readonly dice: Dice | undefined;
  /** Bytes that one direction of a connection holds. */
  readonly pipeBytes: number;
  /** Bytes of the largest chunk that a sink is given. */
  readonly maxChunkBytes: number;
}

/** The addresses of the two ends, each as that end sees them. */
export interface Ends {
  /** The end that connected. */
  readonly client: EndAddresses;
  /** The end that was accepted. */
  readonly server: EndAddresses;
}

/** The addresses that one end sees. */
export interface EndAddresses {
  /** Its own. */
  readonly local: Address;
  /** The other end's. */
  readonly remote: Address;
}

/** Two connected ends; `freed` is called once the client's is released. */
export function streamPair(
  wire: Wire,
  ends: Ends,
  freed: () => void,
): [client: MemoryStream, server: MemoryStream] {
  const there = new Pipe(wire.pipeBytes);
  const back = new Pipe(wire.pipeBytes);
  const client = new MemoryStream(wire, ends.client, back, there, freed);
  const server = new MemoryStream(wire, ends.server, there, back, () => {});
  client.pairWith(server);
  server.pairWith(client);
  return [client, server];
}

/** A write whose memory has not been read yet. */
interface LateWrite {
  readonly data: Uint8Array;
  resolve(count: number): void;
  reject(fault: unknown): void;
}

/** A connected stream of a memory network. */
export class MemoryStream implements RawStream {
  readonly writesAtOnce: boolean;
  readonly #wire: Wire;
  readonly #addresses: EndAddresses;
  readonly #in: Pipe;
  readonly #out: Pipe;
  readonly #freed: () => void;
  /** Set by `streamPair` before anybody else sees this end. */
  #peer!: MemoryStream;
  #sink: StreamSink | undefined;
  #isFlowing = false;
  #isDelivering = false;
  #isWakeDue = false;
  #isWriterWaiting = false;
  #isEndGiven = false;
  #isReleased = false;
  #isPeerNameGone = false;
  /** Set when the peer's RST came; what writes fail with from then on. */
  #broken: Fault | undefined;
  #isFailureGiven = false;
  #lateWrite: LateWrite | undefined;

  /** Made by {@linkcode streamPair}. */
  constructor(
    wire: Wire,
    addresses: EndAddresses,
    input: Pipe,
    output: Pipe,
    freed: () => void,
  ) {
    this.#wire = wire;
    this.#addresses = addresses;
    this.#in = input;
    this.#out = output;
    this.#freed = freed;
    this.writesAtOnce = wire.dice === undefined;
  }

  get remoteAddress(): Address | undefined {
    return this.#isPeerNameGone ? undefined : this.#addresses.remote;
  }

  localAddress(): Address {
    return this.#addresses.local;
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
    return this.#wire.dice?.chance(0.5)
      ? this.#writeLater(data)
      : this.#writeNow(data);
  }

  #writeNow(data: Uint8Array): number {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#isReleased) throw new Fault("EBADF");
    if (this.#out.isEnded) throw new Fault("EPIPE");
    const fits = Math.min(data.length, this.#out.free);
    const count = this.#cut(fits);
    if (count > 0) {
      this.#out.put(data.subarray(0, count));
      this.#peer.#wake();
    }
    if (count < data.length) this.#waitForRoom();
    return count;
  }

  /**
   * As runtimes do that write behind the caller's back: the memory is read in
   * a later turn, once there is room.
   */
  #writeLater(data: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#lateWrite = { data, resolve, reject };
      this.#wire.turns.run(() => this.#tryLateWrite());
    });
  }

  #tryLateWrite(): void {
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
  }

  shutdown(): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (!this.#isReleased) this.#finish();
    return Promise.resolve();
  }

  reset(): void {
    if (this.#isReleased) return;
    this.#abort();
    this.#release();
  }

  close(): void {
    if (this.#isReleased) return;
    // As Linux does: unread input turns the FIN into a RST.
    if (this.#in.isEmpty) this.#finish();
    else this.#abort();
    this.#release();
  }

  /** Nobody outside this process can act on the stream: nothing to wait for. */
  ref(_flag: boolean): void {}

  /**
   * Two options hold by nature: no small segment ever waits for another, and
   * no peer vanishes without a word, so a probe would always be answered.
   */
  setOption(name: OptionName): void {
    if (name !== "typeOfService") return;
    const reason = MEMORY_OPTION_SUPPORTS.typeOfService as string;
    throw new Fault("ENOPROTOOPT", undefined, reason);
  }

  detach(): never {
    throw new Fault("EOPNOTSUPP", undefined, "a memory network has no handle");
  }

  /** Names the other end; once, by {@linkcode streamPair}. */
  pairWith(peer: MemoryStream): void {
    this.#peer = peer;
  }

  /** Before it is handed over by a listener: a peer that reset has no name. */
  handOver(): this {
    this.#isPeerNameGone = this.#broken !== undefined;
    return this;
  }

  #finish(): void {
    this.#out.end();
    this.#peer.#wake();
  }

  #abort(): void {
    this.#out.dropUnarrived();
    this.#wire.turns.run(() => this.#peer.#onReset());
  }

  #release(): void {
    this.#isReleased = true;
    this.#in.clear();
    this.#freed();
    this.#wire.turns.run(() => {
      this.#tryLateWrite();
      this.#sink?.closed();
    });
  }

  #onReset(): void {
    if (this.#isReleased || this.#broken !== undefined) return;
    // The code that Linux stores: a reset behind a FIN hits the writer only.
    this.#broken = new Fault(this.#in.hasEndArrived ? "EPIPE" : "ECONNRESET");
    this.#out.clear();
    this.#announceRoom();
    this.#deliver();
  }

  /** Looks, in the next turn, at what has come. */
  #wake(): void {
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    this.#wire.turns.run(() => {
      this.#isWakeDue = false;
      this.#in.arrive();
      if (this.#isReleased) this.#refuse();
      else this.#deliver();
    });
  }

  /** Bytes for a released end: the kernel answers them with a RST. */
  #refuse(): void {
    if (this.#in.isEmpty) return;
    this.#in.clear();
    this.#peer.#onReset();
  }

  #deliver(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      this.#giveChunks(sink);
      this.#giveEnd(sink);
    } finally {
      this.#isDelivering = false;
    }
  }

  #giveChunks(sink: StreamSink): void {
    while (this.#isFlowing && !this.#isReleased && this.#in.arrived > 0) {
      if (!sink.data(this.#takeChunk())) this.#isFlowing = false;
      if (this.#wire.dice?.chance(0.5)) return this.#wake();
    }
  }

  #takeChunk(): Bytes {
    const most = Math.min(this.#in.arrived, this.#wire.maxChunkBytes);
    const chunk = this.#in.take(this.#cut(most));
    this.#peer.#roomMade();
    return chunk;
  }

  #giveEnd(sink: StreamSink): void {
    if (this.#isReleased || this.#in.arrived > 0) return;
    if (this.#in.isAtEnd && !this.#isEndGiven) {
      if (!this.#isFlowing) return;
      this.#isEndGiven = true;
      sink.end();
    }
    if (this.#broken === undefined || this.#isFailureGiven) return;
    if (this.#isReleased) return;
    this.#isFailureGiven = true;
    sink.failed(this.#broken);
  }

  #cut(size: number): number {
    return size === 0 ? 0 : this.#wire.dice?.size(size) ?? size;
  }

  #waitForRoom(): void {
    this.#isWriterWaiting = true;
    // A seeded cut may have left room that nobody would announce.
    this.#roomMade();
  }

  /** As Linux does: a writer hears of room once a third is free. */
  #roomMade(): void {
    if (this.#out.free * 3 < this.#wire.pipeBytes) return;
    this.#announceRoom();
  }

  #announceRoom(): void {
    if (!this.#isWriterWaiting) return;
    this.#isWriterWaiting = false;
    this.#wire.turns.run(() => {
      if (this.#lateWrite !== undefined) this.#tryLateWrite();
      else if (!this.#isReleased) this.#sink?.writable();
    });
  }
}
