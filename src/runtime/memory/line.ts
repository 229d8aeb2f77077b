/**
 * One direction of a connection in memory: what the sender's kernel does from
 * the write until the receiver's has the bytes.
 *
 * @module
 */

import { ByteQueue } from "../../byte_queue.ts";
import type { Timer } from "../../clock.ts";
import type { Bytes } from "../../contracts.ts";
import type { Protocol, Rules } from "./rules.ts";
import {
  isCertain,
  isLost,
  latencyOf,
  MAX_RTO_MS,
  type Place,
  schedule,
  type Wire,
} from "./wire.ts";

/** `TCP_RTO_MIN` of Linux: after so long a lost segment is sent again. */
const RTO_MS = 200;

/** `net.ipv4.tcp_retries2` of Linux: about 15 minutes in all. */
const TRIES = 15;

/** What IPv4 and TCP take of a packet. */
const HEADER_BYTES = 40;

/** The end that the bytes go to. */
export interface FarEnd {
  /** Whether nothing waits for its program. */
  readonly isEmpty: boolean;
  /** Whether it is still there. */
  readonly isAlive: boolean;
  /** Bytes came; `false`: nobody is there, which a RST answers. */
  receive(bytes: Bytes): boolean;
  /** The FIN came; `false` as with `receive`. */
  receiveEnd(): boolean;
  /** A RST came. */
  receiveReset(): void;
  /** Answers what found nobody, behind all that it has sent; if it still can. */
  answerReset(): boolean;
}

/** The end that they come from. */
export interface NearEnd {
  /** The peer's RST came. */
  receiveReset(): void;
  /** Nothing got through for too long. */
  timedOut(): void;
  /** The peer's program has taken bytes. */
  roomMade(): void;
}

/** Between whom, and what chance and the trace know it by. */
export interface Course {
  readonly from: Place;
  readonly to: Place;
  readonly proto: Protocol;
  /** The server's port. */
  readonly port: number;
  readonly name: string;
}

interface Segment {
  readonly what: string;
  readonly start: number;
  /** `undefined` for a FIN and a RST. */
  readonly bytes: Bytes | undefined;
  readonly isReset: boolean;
  /** The link swallows it, whatever comes. */
  readonly isSwallowed: boolean;
  tried: number;
  /** The receiver has it, though the sender may not know. */
  hasArrived: boolean;
}

/**
 * A sender's buffer and the segments under way, in order. What gets lost holds
 * up all that follows: a stream shows neither loss nor order, but time.
 */
export class Line {
  readonly #wire: Wire;
  readonly #course: Course;
  readonly #near: NearEnd;
  readonly #far: FarEnd;
  /** Written, and not sent for lack of a window. */
  readonly #unsent = new ByteQueue();
  /** Sent, and not known to be taken by the receiver's program. */
  #outstanding = 0;
  /** The place in the stream of the next byte to be sent. */
  #sent = 0;
  #isEnding = false;
  #isEndSent = false;
  #isOver = false;
  #flight: Segment[] = [];
  #lost: Segment[] = [];
  #retry: Timer | undefined;
  #tried = 0;
  /** When the last segment under way arrives: none overtakes it. */
  #arrivesAt = 0;
  #isPushDue = false;
  #probes = 0;
  #unreported = 0;
  #isReportDue = false;
  #hasEndedEarly = false;
  /** The rules as they were at `#version`. */
  #version = -1;
  #rules!: Rules;
  #rulesBack!: Rules;

  /** Made by `streamPair`. */
  constructor(wire: Wire, course: Course, near: NearEnd, far: FarEnd) {
    this.#wire = wire;
    this.#course = course;
    this.#near = near;
    this.#far = far;
  }

  /** How many bytes a writer may put in. */
  get free(): number {
    const { windowBytes, sendBytes } = this.rules;
    const held = this.#unsent.length + this.#outstanding;
    return Math.max(0, windowBytes + sendBytes - held);
  }

  /** Whether a third of it is free, at which Linux wakes a writer. */
  get isRoomy(): boolean {
    const { windowBytes, sendBytes } = this.rules;
    return this.free * 3 >= windowBytes + sendBytes;
  }

  /** Whether the writer has said that nothing more comes. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** How many bytes were put in so far: what chance knows a write by. */
  get written(): number {
    return this.#sent + this.#unsent.length;
  }

  /** What chance and the trace know it by. */
  get name(): string {
    return this.#course.name;
  }

  /** What holds for it now. */
  get rules(): Rules {
    this.#look();
    return this.#rules;
  }

  /** What holds for the way back. */
  get #back(): Rules {
    this.#look();
    return this.#rulesBack;
  }

  /** Looks the rules up again if one has changed. */
  #look(): void {
    const { version } = this.#wire;
    if (version === this.#version) return;
    const { from, to, proto, port } = this.#course;
    this.#version = version;
    this.#rules = this.#wire.rules(from, to, proto, port);
    this.#rulesBack = this.#wire.rules(to, from, proto, port);
  }

  /** Copies `data` in, which must fit. */
  put(data: Uint8Array): void {
    this.#unsent.push(data.slice());
    this.#push();
  }

  /** Puts the FIN behind what is in it. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#push();
  }

  /** Sends RST behind what is under way; what is not gets dropped. */
  reset(): void {
    if (this.#isOver) return;
    this.abandon();
    this.#dispatch(this.#segment("RST", undefined, true));
  }

  /** Sends RST behind what is under way, whatever else is said already. */
  answerReset(): void {
    this.#dispatch(this.#segment("RST", undefined, true));
  }

  /** Nothing more is sent. */
  abandon(): void {
    this.#isOver = true;
    this.#unsent.clear();
    this.#lost = [];
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  /**
   * Asks the far end's kernel whether the connection is there; tells nothing
   * if no answer comes.
   */
  probe(answered: (isAlive: boolean) => void): void {
    const { from, to } = this.#course;
    const { rules } = this;
    const lost = from.isDead || rules.isCut || !to.isUp;
    this.#wire.note?.(from, to, "PROBE", undefined, lost);
    if (lost) return;
    this.#wire.tasks.after(rules.minLatencyMs, () => {
      const back = this.#back;
      if (!to.isUp || back.isCut) return;
      const { isAlive } = this.#far;
      this.#wire.tasks.after(back.minLatencyMs, () => {
        if (!from.isDead) answered(isAlive);
      });
    });
  }

  /** The receiver's program took so many bytes. */
  taken(count: number): void {
    this.#unreported += count;
    const isLittle = this.#unreported * 4 < this.rules.windowBytes;
    if (isLittle && !this.#far.isEmpty) return;
    this.#report();
  }

  /** Tells the sender how much room there is, as an acknowledgement does. */
  #report(): void {
    if (this.#isReportDue || this.#unreported === 0) return;
    const rules = this.#back;
    const count = this.#unreported;
    const key = isCertain(rules)
      ? ""
      : `${this.#course.name} ACK ${this.#sent} ${this.#outstanding}`;
    const delayMs = rules.isCut ? RTO_MS : latencyOf(this.#wire, rules, key);
    if (delayMs === 0) {
      this.#unreported = 0;
      return this.#reported(count);
    }
    this.#isReportDue = true;
    this.#wire.tasks.after(delayMs, () => {
      this.#isReportDue = false;
      if (this.#isOver) return;
      if (!rules.isCut) {
        this.#unreported -= count;
        this.#reported(count);
      }
      const isMuch = this.#unreported * 4 >= this.rules.windowBytes;
      if (rules.isCut || isMuch || this.#far.isEmpty) this.#report();
    });
  }

  #reported(count: number): void {
    this.#outstanding -= count;
    this.#push();
    this.#near.roomMade();
  }

  /** Sends what the window allows. */
  #push(): void {
    while (!this.#isOver && this.#lost.length === 0 && !this.#isPushDue) {
      const { rules } = this;
      if (rules.stopAcks && this.#unsent.length > 0) return this.#probe();
      if (this.#mustWait(rules)) return;
      const size = this.#nextSize(rules);
      if (size === 0) break;
      if (this.#meetsItsEnd(rules, size)) return;
      this.#sendBytes(size, rules);
    }
    const isAllSent = this.#unsent.length === 0 && this.#lost.length === 0;
    if (this.#isOver || !this.#isEnding || this.#isEndSent || !isAllSent) {
      return;
    }
    if (this.#isPushDue) return;
    this.#isEndSent = true;
    if (!this.#hasEndedEarly) this.#dispatch(this.#segment("FIN", undefined));
  }

  /** A window of 0 is asked again and again: `TCP_RTO_MIN`, then doubled. */
  #probe(): void {
    const delayMs = Math.min(RTO_MS * 2 ** this.#probes++, MAX_RTO_MS);
    this.#pushLater(delayMs);
  }

  #pushLater(delayMs: number): void {
    this.#isPushDue = true;
    this.#wire.tasks.after(delayMs, () => {
      this.#isPushDue = false;
      if (!this.#course.from.isDead) this.#push();
    });
  }

  /** Whether the link is busy with other bytes, if it has a speed. */
  #mustWait({ bytesPerSecond = Infinity }: Rules): boolean {
    if (bytesPerSecond === Infinity) return false;
    const { from, to } = this.#course;
    const waitMs = this.#wire.busyUntil(from, to) - this.#wire.tasks.now();
    if (waitMs <= 0) return false;
    this.#pushLater(waitMs);
    return true;
  }

  /** How many bytes go next; none rather than few (RFC 1122, 4.2.3.4). */
  #nextSize({ windowBytes, mtuBytes }: Rules): number {
    const most = mtuBytes - HEADER_BYTES;
    const { length } = this.#unsent;
    const size = Math.min(length, most, windowBytes - this.#outstanding);
    if (size <= 0) return 0;
    const isWhole = size === length || size === most || size * 2 >= windowBytes;
    return isWhole || this.#outstanding === 0 ? size : 0;
  }

  /** A link that resets or ends the stream does so before a certain byte. */
  #meetsItsEnd({ resetAtByte, endAtByte }: Rules, size: number): boolean {
    const { name } = this.#course;
    const { chance } = this.#wire;
    const left = (at: number | undefined): number =>
      at === undefined ? Infinity : at - this.#sent;
    const [toReset, toEnd] = [left(resetAtByte), left(endAtByte)];
    if (
      toReset < size && chance.strikes(1, `reset ${name} at ${resetAtByte}`)
    ) {
      if (toReset > 0) this.#sendBytes(toReset, this.rules);
      this.#breakBoth();
      return true;
    }
    if (toEnd >= size) return false;
    if (this.#hasEndedEarly) {
      this.#sent += this.#unsent.length;
      this.#unsent.clear();
      return false;
    }
    if (!chance.strikes(1, `end ${name} at ${endAtByte}`)) return false;
    if (toEnd > 0) this.#sendBytes(toEnd, this.rules);
    this.#dispatch(this.#segment("FIN", undefined));
    this.#hasEndedEarly = true;
    this.#sent += this.#unsent.length;
    this.#unsent.clear();
    return true;
  }

  /** The link sends a RST to both. */
  #breakBoth(): void {
    const { from } = this.#course;
    this.abandon();
    this.#dispatch(this.#segment("RST", undefined, true));
    this.#wire.tasks.run(() => from.isDead || this.#near.receiveReset());
  }

  #sendBytes(size: number, rules: Rules): void {
    const { silentAfterByte = Infinity, bytesPerSecond } = rules;
    const { chance } = this.#wire;
    const { name, from, to } = this.#course;
    const last = silentAfterByte - this.#sent;
    const isHidden = last < size &&
      chance.strikes(1, `silent ${name} at ${silentAfterByte}`);
    const count = isHidden && last > 0 ? last : size;
    const bytes = this.#unsent.take(count);
    this.#outstanding += count;
    const what = `DATA ${this.#sent}+${count}`;
    const segment = this.#segment(what, bytes, false, isHidden && last <= 0);
    this.#sent += count;
    if (bytesPerSecond !== undefined && bytesPerSecond < Infinity) {
      this.#wire.occupy(from, to, count / bytesPerSecond * 1000);
    }
    this.#dispatch(segment);
  }

  #segment(
    what: string,
    bytes: Bytes | undefined,
    isReset = false,
    isSwallowed = false,
  ): Segment {
    return {
      what,
      start: this.#sent,
      bytes,
      isReset,
      isSwallowed,
      tried: 0,
      hasArrived: false,
    };
  }

  /** One try. */
  #dispatch(segment: Segment): void {
    const { from, to, name } = this.#course;
    if (from.isDead) return;
    const { rules } = this;
    // Where chance decides nothing, nobody asks for the name.
    const key = isCertain(rules) ? "" : `${name} ${segment.what}`;
    const lost = segment.isSwallowed ||
      isLost(this.#wire, rules, to, key, segment.tried);
    this.#wire.note?.(from, to, segment.what, segment.bytes, lost);
    if (lost) {
      // A RST is never acknowledged: nobody knows that it was cut off.
      if (segment.isReset && (rules.isCut || !to.isUp)) return;
      return this.#lose(segment);
    }
    const now = this.#wire.tasks.now();
    const latencyMs = latencyOf(this.#wire, rules, key, segment.tried);
    const from0 = Math.max(now, this.#busyUntil(rules));
    const arrivesAt = Math.max(this.#arrivesAt, from0 + latencyMs);
    this.#flight.push(segment);
    if (arrivesAt <= now) return this.#wire.tasks.run(this.#arrive);
    this.#arrivesAt = arrivesAt;
    this.#wire.tasks.after(arrivesAt - now, this.#arrive);
  }

  #busyUntil({ bytesPerSecond }: Rules): number {
    const { from, to } = this.#course;
    return bytesPerSecond === undefined ? 0 : this.#wire.busyUntil(from, to);
  }

  /** The segment that left first is there. */
  readonly #arrive = (): void => {
    const segment = this.#flight.shift() as Segment;
    const { to } = this.#course;
    if (!to.isUp) return this.#lose(segment);
    if (!segment.hasArrived && !this.#handOver(segment)) {
      return this.#refused(segment);
    }
    segment.hasArrived = true;
    // Without an acknowledgement the sender goes on trying.
    if (this.#back.isCut && !segment.isReset) return this.#lose(segment);
    this.#tried = 0;
  };

  #handOver({ isReset, bytes }: Segment): boolean {
    if (bytes !== undefined) return this.#far.receive(bytes);
    if (!isReset) return this.#far.receiveEnd();
    this.#far.receiveReset();
    return true;
  }

  /** Nobody is there any more: a RST answers, behind what was sent before. */
  #refused(segment: Segment): void {
    const { from, to, name } = this.#course;
    const rules = this.#back;
    if (rules.isCut) {
      this.#wire.note?.(to, from, "RST", undefined, true);
      return this.#lose(segment);
    }
    if (this.#far.answerReset()) return;
    // The machine has started anew, and knows of no connection.
    this.#wire.note?.(to, from, "RST");
    const delayMs = latencyOf(
      this.#wire,
      rules,
      `${name} RST ${segment.start}`,
    );
    schedule(this.#wire, delayMs, () => {
      if (!from.isDead) this.#near.receiveReset();
    });
  }

  #lose(segment: Segment): void {
    if (this.#isOver && !segment.isReset) return;
    this.#lost.push(segment);
    if (this.#retry !== undefined) return;
    const rtoMs = Math.min(RTO_MS * 2 ** this.#tried, MAX_RTO_MS);
    this.#retry = this.#wire.tasks.after(rtoMs, () => this.#sendAgain());
    // Nobody waits for what a closed socket has still to say.
    this.#retry.ref?.(false);
  }

  #sendAgain(): void {
    this.#retry = undefined;
    if (this.#course.from.isDead) return;
    if (this.#tried++ >= TRIES) {
      this.abandon();
      return this.#near.timedOut();
    }
    const again = this.#lost;
    this.#lost = [];
    while (again.length > 0 && this.#lost.length === 0) {
      const segment = again.shift() as Segment;
      segment.tried++;
      this.#dispatch(segment);
    }
    this.#lost.push(...again);
    this.#push();
  }
}
