/**
 * A datagram socket below its public face: the bind that may come late, the
 * peer, both halves, and the end.
 *
 * @module
 */

import { opened, released } from "../../handle_counts.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Address, Bytes, InetAddress } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import { socketError } from "../../errors.ts";
import type { Watch } from "../../readiness.ts";
import {
  EVENT_ERROR,
  EVENT_READ,
  EVENT_WRITE,
  type Readiness,
  Watchers,
} from "../../readiness.ts";
import type { DatagramSink, RawDatagram } from "../../runtime/seam/datagram.ts";
import {
  errnoOfFault,
  errorOfFault,
} from "../../runtime/seam/error_mapping.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { plannedFault } from "../../runtime/seam/planned_faults.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { filenoOf } from "../fileno.ts";
import type { InboxOwner } from "./inbox.ts";
import { Inbox } from "./inbox.ts";
import type { OutboxOwner } from "./outbox.ts";
import { Outbox } from "./outbox.ts";

/** What ICMP can tell: of no interest to a socket without a peer. */
const ICMP_CODES: ReadonlySet<string> = new Set([
  "EACCES",
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "EMSGSIZE",
  "ENETUNREACH",
  "ENONET",
  "ENOPROTOOPT",
  "EOPNOTSUPP",
  "EPROTO",
]);

/** A datagram socket's state and its two halves. */
export class DatagramCore
  implements DatagramSink, InboxOwner, OutboxOwner, Readiness {
  /** What came. */
  readonly inbox: Inbox;
  /** What leaves. */
  readonly outbox: Outbox;
  /** Settles when the descriptor is released; never rejects. */
  readonly released: Promise<void>;
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #watchers = new Watchers();
  #raw: RawDatagram | undefined;
  #peer: Address | undefined;
  /** The peer as its datagrams name it. */
  #peerHost = "";
  #isReferenced = true;
  /** Bounds what `close` waits for. */
  #lingering: Timer | undefined;
  #isClosed = false;
  #isReleased = false;
  #onReleased: () => void = ignore;

  /** A socket that is not bound yet. */
  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#clock = runtime.clock;
    this.inbox = new Inbox(runtime.clock, this);
    this.outbox = new Outbox(runtime.clock, this);
    this.released = new Promise((resolve) => this.#onReleased = resolve);
  }

  /** The bound socket, once there is one. */
  get raw(): RawDatagram | undefined {
    return this.#raw;
  }

  /** The peer of a connected socket. */
  get peer(): Address | undefined {
    return this.#peer;
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The socket is bound. */
  open(raw: RawDatagram): void {
    opened("datagram");
    this.#raw = raw;
    raw.attach(this);
    if (!this.#isReferenced) raw.ref(false);
    if (this.#isClosed) {
      raw.close();
      return;
    }
    // Somebody may wait already.
    if (this.inbox.isBusy || this.#watchers.wantsInput) raw.resume();
    this.outbox.open(raw);
  }

  /** From now on nothing but the peer is heard. */
  setPeer(peer: Address): void {
    this.#peer = peer;
    this.#peerHost = peer.family === "unix" ? peer.path : plainHost(peer);
    this.inbox.keepOnly((from) => this.#isPeer(from));
  }

  /** Whether an address is the peer's. */
  isPeer(address: Address): boolean {
    return this.#isPeer(address);
  }

  #isPeer(from: Address): boolean {
    const peer = this.#peer!;
    if (from.family === "unix") return from.path === this.#peerHost;
    if (peer.family === "unix" || from.port !== peer.port) return false;
    return from.hostname === this.#peerHost ||
      plainHost(from) === this.#peerHost;
  }

  /** Throws `EBADF` after `close`, and what a test has planned. */
  demandOpen(op: string): void {
    if (this.#isClosed) throw socketError("EBADF", { op });
    this.demandLuck(op);
  }

  /** Throws what a test has planned that the call fails with. */
  demandLuck(op: string): void {
    const fault = plannedFault(op, this.#runtime);
    if (fault !== undefined) throw this.faultError(fault, op);
  }

  // ---- what the driver tells

  /** A datagram came. */
  datagram(data: Bytes, from: Address, isTruncated: boolean): boolean {
    if (this.#isClosed) return false;
    if (this.#peer !== undefined && !this.#isPeer(from)) return true;
    const wantsMore = this.inbox.push(data, from, isTruncated);
    this.#watchers.notify();
    return wantsMore;
  }

  /** The kernel told a failure. */
  failed(fault: Fault): void {
    if (this.#isClosed) return;
    const isStrangers = this.#peer === undefined && ICMP_CODES.has(fault.code);
    if (!isStrangers) {
      this.inbox.fail(fault);
      this.#watchers.notify();
    }
    // A driver that pulls has stopped, and somebody may wait still.
    const isWanted = this.inbox.isBusy || this.#watchers.wantsInput;
    if (isWanted && !this.inbox.isReadable) this.pull();
  }

  /** The kernel, or the outbox, has room again. */
  writable(): void {
    this.outbox.writable();
    this.#watchers.notify();
  }

  /** The descriptor is released. */
  closed(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.outbox.abandon();
    released("datagram");
    this.#onReleased();
  }

  // ---- what the halves ask

  /** Makes the error of a code. */
  error(
    code: string,
    op: string,
    reason?: string,
    address: Address | undefined = this.#peer,
  ): SocketError {
    return socketError(code, { op, address, reason });
  }

  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, to?: Address): SocketError {
    const address = to ?? this.#peer;
    const about = fault.code === "EACCES" && to !== undefined && !("path" in to)
      ? "to broadcast, set SO_BROADCAST first"
      : undefined;
    return errorOfFault(fault, { op, address, about });
  }

  /** Where a datagram goes that has waited. Throws a Fault `EISCONN`. */
  destination(to: Address | undefined): Address | undefined {
    if (to === undefined || this.#peer === undefined) return to;
    if (this.#isPeer(to)) return undefined;
    throw new Fault("EISCONN");
  }

  /** Wants datagrams. */
  pull(): void {
    this.#raw?.resume();
  }

  /** Whether a poll waits for datagrams. */
  get isWatched(): boolean {
    return this.#watchers.wantsInput;
  }

  /** A failure that nobody was told yet. */
  takeFault(): Fault | undefined {
    return this.inbox.takeFault();
  }

  /** The failure to be told next, as an `errno`; each is told once. */
  takeErrno(): number {
    const fault = this.outbox.takeFault() ?? this.inbox.takeFault();
    return fault === undefined ? 0 : errnoOfFault(fault);
  }

  /** The descriptor; −1 after close. */
  get fileno(): number {
    if (this.#isClosed) return -1;
    const raw = this.#raw;
    const holder = raw && { fd: raw.fileno?.() };
    return filenoOf(holder, this.#runtime, "the bind");
  }

  // ---- readiness

  /** How many turns it takes until the kernel has been looked at. */
  get turnsToLook(): number | undefined {
    return this.#clock.turnsToLook;
  }

  /** Which events hold now. */
  events(): number {
    if (this.#isClosed) return EVENT_READ | EVENT_WRITE | EVENT_ERROR;
    return (this.inbox.isReadable ? EVENT_READ : 0) |
      (this.#raw === undefined || this.outbox.isWritable ? EVENT_WRITE : 0);
  }

  /** Tells of events until the watch is ended. */
  watch(events: number, notify: () => void): Watch {
    const watch = this.#watchers.add(events, notify);
    if (this.#watchers.wantsInput) this.pull();
    return watch;
  }

  // ---- ending

  /** Whether the open socket keeps the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.inbox.ref(flag);
    this.outbox.ref(flag);
    this.#lingering?.ref?.(flag);
    if (!this.#isReleased) this.#raw?.ref(flag);
  }

  /** Ends calls, sends what was accepted, releases. */
  close(lingerMs: number): Promise<void> {
    if (this.#isClosed) return this.released;
    this.#isClosed = true;
    this.inbox.close();
    this.outbox.close();
    this.#watchers.notify();
    const raw = this.#raw;
    // Unbound, the socket says when it is over: a bind may be under way.
    if (raw === undefined) return this.released;
    if (this.outbox.isIdle || lingerMs === 0) raw.close();
    else void this.#linger(raw, lingerMs);
    return this.released;
  }

  /** There is no descriptor, and there will be none. */
  neverBound(): void {
    if (this.#raw === undefined) this.#onReleased();
  }

  async #linger(raw: RawDatagram, lingerMs: number): Promise<void> {
    const timer = this.#clock.start(lingerMs, () => raw.close());
    this.#lingering = timer;
    if (!this.#isReferenced) timer.ref?.(false);
    await this.outbox.whenIdle();
    timer.cancel();
    raw.close();
  }
}

/** An IPv4 address in an IPv6 one is the IPv4 address. */
function plainHost({ hostname }: InetAddress): string {
  return /^::ffff:.*\./.test(hostname) ? hostname.slice(7) : hostname;
}

function ignore(): void {}
