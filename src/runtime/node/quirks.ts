/**
 * What the `node:net` of each host does in its own way, and what it gets
 * wrong: one record a host. The code beside asks a record, never for a name,
 * so that a host that is mended, or joins, is a change here alone.
 *
 * @module
 */

import { USUAL_TURNS } from "../../clock.ts";
import { type Host, nodeHost } from "./native.ts";

/** How one host's `node:net` is. */
export interface Quirks {
  /** How many turns of the event loop it takes until it looks at the kernel. */
  readonly turnsToLook: number;

  // ---- reading

  /**
   * Sockets read by `onread`. Bun's gets nothing on accepted sockets and loses
   * unread bytes when the peer resets; 'data' events do neither. Deno's throws
   * before 2.8.
   */
  readonly readsByOnRead: boolean;
  /** `onread` asks for the buffer of the next read, or keeps to the first. */
  readonly asksForBuffers: boolean;
  /** What one read brings at most, in bytes. */
  readonly largestReadBytes: number;

  // ---- resets

  /**
   * A reset that meets a paused socket with unread bytes is told as an end, as
   * by libuv before 1.5x.
   */
  readonly hidesResets: boolean;
  /**
   * A send that a reset has met fails with `EPIPE`, as if the peer had ended:
   * an end was looked for with a read, which took the reset away.
   */
  readonly tellsResetsAsPipe: boolean;

  // ---- writing

  /** Sockets of `net` tell by `_write` at once what the kernel has taken. */
  readonly writesAtOnce: boolean;
  /**
   * What the kernel does not take at once is dropped, with `EPIPE`, if the
   * peer has ended and nothing is unread; and before the event loop has looked
   * at a new socket, nothing is taken at once.
   */
  readonly dropsWritesAtEnd: boolean;
  /** A write under way keeps the process alive, whatever is unref'ed. */
  readonly holdsProcessToWrite: boolean;

  // ---- connecting and listening

  /** Every failure to connect is told as `ECONNREFUSED`. */
  readonly tellsFailuresAsRefused: boolean;
  /** `EINVAL` where the kernel says `EADDRNOTAVAIL` of an address to bind. */
  readonly tellsForeignAsInvalid: boolean;
  /** Whose permission to bind ends the process where it is missing. */
  readonly asksToBind: "deno" | "node" | undefined;
  /** A listening handle gives its connections without a socket around each. */
  readonly givesHandles: boolean;
  /** `ipv6Only` has no effect on listeners. */
  readonly ignoresIpv6Only: boolean;
  /** `reusePort` has no effect. */
  readonly ignoresReusePort: boolean;

  // ---- workers

  /** A thread that never comes back to its event loop is not ended. */
  readonly leavesThreadsRunning: boolean;
  /** A process is not told that the one which started it was killed. */
  readonly hidesLostParents: boolean;

  // ---- TLS

  /**
   * The peer's `close_notify` ends both ways: sends fail from then on, and
   * whatever half-open sockets were asked for.
   */
  readonly closesTlsBothWays: boolean;

  /**
   * A write to an idle TLS socket gives all its records to what is below before
   * it returns, and tells of that in a later turn only.
   */
  readonly encryptsAtOnce: boolean;

  /**
   * The engine writes to a Duplex one flight of records at a time, between
   * `cork` and `uncork`.
   */
  readonly corksRecords: boolean;

  /** The handle of a TLS socket reads into memory that it is given. */
  readonly readsRecords: boolean;

  // ---- options

  /**
   * What `setKeepAlive` makes of interval and count: it sets them as asked
   * where it has arguments for them, sets others whenever it sets the idle
   * time, or sets the idle time alone.
   */
  readonly setsProbes: "as asked" | "others" | "none";
  /** `setTypeOfService` has no effect. */
  readonly ignoresTypeOfService: boolean;

  // ---- names and descriptors

  /** Abstract names are padded with NULs, as by libuv before 1.48. */
  readonly padsAbstractNames: boolean;
  /** An abstract name whose NUL another one follows loses its last byte. */
  readonly cutsNamesOfNuls: boolean;
  /** An abstract name of 108 bytes, which fills the structure, is `EINVAL`. */
  readonly refusesLongestNames: boolean;
  /** Zones of link-local addresses are left out. */
  readonly dropsZones: boolean;
  /**
   * An interface is chosen for a link-local address that names none, as by
   * libuv from 1.50; the kernel of Linux refuses.
   */
  readonly guessesZones: boolean;
  /** The number of a handle need not be its descriptor; `fstat` knows none. */
  readonly hidesDescriptors: boolean;
  /** A socket over a connected descriptor of others reads nothing. */
  readonly isDeafOnDescriptors: boolean;
}

/** Node as it is now. */
const NODE: Quirks = {
  turnsToLook: USUAL_TURNS,
  readsByOnRead: true,
  asksForBuffers: true,
  largestReadBytes: 65_536,
  hidesResets: false,
  tellsResetsAsPipe: false,
  writesAtOnce: true,
  dropsWritesAtEnd: false,
  holdsProcessToWrite: true,
  tellsFailuresAsRefused: false,
  tellsForeignAsInvalid: false,
  asksToBind: "node",
  givesHandles: true,
  ignoresIpv6Only: false,
  ignoresReusePort: false,
  leavesThreadsRunning: false,
  hidesLostParents: false,
  closesTlsBothWays: false,
  encryptsAtOnce: true,
  corksRecords: true,
  readsRecords: true,
  setsProbes: "as asked",
  ignoresTypeOfService: false,
  padsAbstractNames: false,
  cutsNamesOfNuls: false,
  refusesLongestNames: false,
  dropsZones: false,
  guessesZones: true,
  hidesDescriptors: false,
  isDeafOnDescriptors: false,
};

/** What older versions of Node do otherwise, such as Node 20. */
function olderNode({ has }: Host): Partial<Quirks> {
  return {
    hidesResets: !has("node", 26, 0),
    // There are permissions before, but none for the network.
    asksToBind: has("node", 25, 0) ? "node" : undefined,
    ignoresReusePort: !has("node", 23, 1) &&
      (!has("node", 22, 12) || has("node", 23, 0)),
    padsAbstractNames: !has("uv", 1, 48),
  };
}

/** Bun's own. */
const BUN: Quirks = {
  ...NODE,
  readsByOnRead: false,
  asksForBuffers: false,
  writesAtOnce: false,
  // On accepted sockets 'data' events come in larger pieces.
  largestReadBytes: 524_288,
  tellsFailuresAsRefused: true,
  asksToBind: undefined,
  givesHandles: false,
  holdsProcessToWrite: false,
  refusesLongestNames: true,
  closesTlsBothWays: true,
  encryptsAtOnce: false,
  corksRecords: false,
  readsRecords: false,
  guessesZones: false,
  isDeafOnDescriptors: true,
  setsProbes: "others",
};

/** Deno's own. */
const DENO: Quirks = {
  ...NODE,
  // Tokio looks at every 61st task it runs, and when idle.
  turnsToLook: 64,
  asksForBuffers: false,
  tellsResetsAsPipe: true,
  writesAtOnce: false,
  dropsWritesAtEnd: true,
  tellsForeignAsInvalid: true,
  asksToBind: "deno",
  givesHandles: false,
  ignoresIpv6Only: true,
  leavesThreadsRunning: true,
  hidesLostParents: true,
  encryptsAtOnce: false,
  corksRecords: false,
  readsRecords: false,
  cutsNamesOfNuls: true,
  dropsZones: true,
  guessesZones: false,
  hidesDescriptors: true,
  setsProbes: "none",
  ignoresTypeOfService: true,
};

let found: Quirks | undefined;

/** How the `node:net` of this host is. */
export function quirks(): Quirks {
  return found ??= quirksOf(nodeHost());
}

/** How a host's `node:net` is. */
export function quirksOf(host: Host): Quirks {
  if (host.name === "deno") {
    return { ...DENO, readsByOnRead: host.has("deno", 2, 8) };
  }
  return host.name === "bun" ? BUN : { ...NODE, ...olderNode(host) };
}
