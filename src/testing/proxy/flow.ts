/**
 * One way of a connection through a proxy: what comes is given its time, and
 * handed on when that has come, in order.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import type { Rules } from "../../runtime/memory/rules.ts";
import { latencyOf, type Place } from "../../runtime/memory/wire.ts";
import { afterTurn } from "../../turn.ts";
import { Bell } from "./bell.ts";
import type { ProxyWay } from "./proxy_rules.ts";
import type { ProxyWire } from "./proxy_wire.ts";

/** What is read at once. */
const CHUNK_BYTES = 65_536;

/** Where a link has a speed, it is kept by pieces of a hundredth of a second. */
const PIECES_A_SECOND = 100;
const LEAST_PIECE_BYTES = 1_460;

/** One end of a flow. */
export interface FlowEnd {
  readonly socket: StreamSocket;
  readonly place: Place;
}

/** Whose flow it is. */
export interface FlowOwner {
  /** What chance and the trace know the connection by. */
  readonly name: string;
  /** A RST has come through: there is nothing more to carry. */
  broken(): void;
  /** The end that bytes go to does not take them any more. */
  refused(by: FlowEnd): void;
}

interface Item {
  /** When it is handed on. */
  readonly at: number;
  readonly what: string;
  /** `undefined` for a FIN and a RST. */
  readonly bytes: Bytes | undefined;
  readonly isReset: boolean;
}

/** One way of a connection. */
export class Flow {
  readonly #wire: ProxyWire;
  readonly #owner: FlowOwner;
  readonly #from: FlowEnd;
  readonly #to: FlowEnd;
  readonly #way: ProxyWay;
  readonly #bell: Bell;
  #items: Item[] = [];
  /** Bytes read and not yet taken by the far end's kernel. */
  #held = 0;
  /** The place in the stream of the next byte that comes. */
  #position = 0;
  #arrivesAt = 0;
  /** A FIN or a RST was put behind the bytes: nothing may follow. */
  #isEnded = false;
  /** The FIN was handed on. */
  #isHandedOn = false;
  /** The link swallows everything. */
  #isSilent = false;
  #isOver = false;

  /** Begins with `run`. */
  constructor(
    wire: ProxyWire,
    owner: FlowOwner,
    way: ProxyWay,
    from: FlowEnd,
    to: FlowEnd,
  ) {
    this.#wire = wire;
    this.#owner = owner;
    this.#way = way;
    this.#from = from;
    this.#to = to;
    this.#bell = new Bell(wire.clock);
  }

  /**
   * Carries until the end was handed on and nothing more comes, or until
   * `stop`. One that has fallen silent never ends by itself.
   */
  async run(): Promise<void> {
    const forget = this.#wire.onChange(this.#bell.ring);
    try {
      await Promise.all([this.#read(), this.#write()]);
    } finally {
      forget();
    }
  }

  /** Carries nothing more. */
  stop(): void {
    this.#isOver = true;
    this.#bell.ring();
  }

  /** Puts a RST behind all that is under way. */
  breakBehind(): void {
    if (this.#isSilent) return;
    if (this.#isHandedOn) return this.#owner.broken();
    this.#isEnded = false;
    this.#put("RST", undefined, true);
  }

  get #rules(): Rules {
    return this.#wire.of(this.#way);
  }

  // ---- what comes

  async #read(): Promise<void> {
    while (!this.#isOver) {
      const room = this.#rules.windowBytes - this.#held;
      if (room <= 0 || this.#rules.stopAcks || this.#rules.isCut) {
        await this.#bell.rung();
        continue;
      }
      const maxBytes = Math.min(room, CHUNK_BYTES);
      const chunk = await this.#from.socket.recv({ maxBytes })
        .catch(() => undefined);
      if (this.#isOver) return;
      if (chunk === undefined) return this.breakBehind();
      if (chunk === null) {
        if (!this.#isSilent) this.#put("FIN", undefined);
        return;
      }
      this.#take(chunk);
    }
  }

  /** Cuts what came as the rules say, and puts it behind the rest. */
  #take(chunk: Bytes): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#isEnded) {
      const rules = this.#rules;
      const at = this.#position;
      if (isAt(rules.resetAtByte, at)) {
        return this.#put("RST", undefined, true);
      }
      if (isAt(rules.endAtByte, at)) return this.#put("FIN", undefined);
      const size = this.#sizeOf(rest.length, rules);
      this.#position += size;
      const piece = rest.slice(0, size);
      rest = rest.subarray(size);
      this.#isSilent ||= isAt(rules.silentAfterByte, at);
      if (this.#isSilent) {
        this.#note(`DATA ${at}+${size}`, piece, true);
        continue;
      }
      this.#put(`DATA ${at}+${size}`, piece);
    }
  }

  /** How much of so many bytes goes in one piece. */
  #sizeOf(length: number, rules: Rules): number {
    const { bytesPerSecond, chunkBytes } = rules;
    const at = this.#position;
    let size = length;
    const limits = [rules.resetAtByte, rules.endAtByte, rules.silentAfterByte];
    for (const limit of limits) {
      if (limit !== undefined && limit > at) size = Math.min(size, limit - at);
    }
    if (bytesPerSecond !== undefined) {
      const most = Math.floor(bytesPerSecond / PIECES_A_SECOND);
      size = Math.min(size, Math.max(most, LEAST_PIECE_BYTES));
    }
    if (chunkBytes === undefined) return size;
    const [min, max] = chunkBytes;
    const drawn = this.#wire.chance.draw(`chunk ${this.#key} ${at}`);
    return Math.min(size, min + Math.floor(drawn * (max - min + 1)));
  }

  #put(what: string, bytes: Bytes | undefined, isReset = false): void {
    if (this.#isEnded || this.#isOver) return;
    this.#isEnded = bytes === undefined;
    const size = bytes?.length ?? 0;
    this.#held += size;
    const at = Math.max(this.#arrivesAt, this.#timeOf(what, size));
    this.#arrivesAt = at;
    this.#items.push({ at, what, bytes, isReset });
    this.#bell.ring();
  }

  /** When it would be there if nothing were before it. */
  #timeOf(what: string, size: number): number {
    const rules = this.#rules;
    const { bytesPerSecond = Infinity } = rules;
    const { place } = this.#from;
    const now = this.#wire.clock.now();
    const latencyMs = latencyOf(this.#wire, rules, `${this.#key} ${what}`);
    if (bytesPerSecond === Infinity) return now + latencyMs;
    this.#wire.occupy(place, this.#to.place, size / bytesPerSecond * 1000);
    return this.#wire.busyUntil(place) + latencyMs;
  }

  get #key(): string {
    return `${this.#owner.name} ${this.#way}`;
  }

  // ---- what is handed on

  async #write(): Promise<void> {
    while (!this.#isOver) {
      const item = this.#items[0];
      if (item === undefined || this.#rules.isCut) {
        await this.#bell.rung();
        continue;
      }
      const waitMs = item.at - this.#wire.clock.now();
      if (waitMs > 0) {
        await this.#bell.rung(waitMs);
        continue;
      }
      this.#items.shift();
      this.#note(item.what, item.bytes);
      if (item.isReset) return this.#owner.broken();
      if (item.bytes === undefined) return this.#end();
      await this.#send(item.bytes);
    }
  }

  /** The end goes through; the way back stays open. */
  #end(): void {
    this.#isHandedOn = true;
    this.#to.socket.shutdown(SHUT_WR)
      .catch(() => this.#owner.refused(this.#to));
  }

  async #send(bytes: Bytes): Promise<void> {
    try {
      await this.#to.socket.sendAll(bytes);
    } catch {
      if (!this.#isOver) this.#owner.refused(this.#to);
      return this.stop();
    }
    this.#held -= bytes.length;
    this.#bell.ring();
    // Else the kernel would join the pieces again.
    if (this.#rules.chunkBytes !== undefined) {
      await new Promise<void>(afterTurn);
    }
  }

  #note(what: string, bytes: Bytes | undefined, isLost = false): void {
    this.#wire.note(this.#from.place, this.#to.place, what, bytes, isLost);
  }
}

function isAt(limit: number | undefined, position: number): boolean {
  return limit !== undefined && position >= limit;
}
