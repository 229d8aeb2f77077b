/**
 * What is below a `TLSSocket`: a Duplex of ours over any raw stream, or the
 * runtime's own socket.
 *
 * @module
 */

import type { ClientHello } from "../../../tls/client_hello.ts";
import type { RecordWatch } from "../../../tls/records.ts";
import type { Fault } from "../../seam/fault.ts";
import type { RawStream } from "../../seam/stream.ts";
import type { Duplex } from "./native.ts";

/** Makes what carries the records, and becomes the sink of the stream. */
export type MakeTransport = (under: RawStream) => Transport;

/** What carries the records of one connection. */
export interface Transport {
  /** Whether it is the runtime's own socket. */
  readonly isNative: boolean;
  /** What the engine reads and writes. */
  readonly duplex: Duplex;
  /** The raw stream, which is asked for addresses and options. */
  readonly under: RawStream;
  /** Settles when the descriptor is released. */
  readonly released: Promise<void>;
  /**
   * What was seen of the handshake; `undefined` once it is over, and where
   * nobody can look.
   */
  watch: RecordWatch | undefined;
  /** What broke the stream below. */
  readonly fault: Fault | undefined;
  /** Told of an end, a failure or a release, and of early bytes. */
  onTrouble: () => void;

  // ---- before TLS

  /**
   * Looks once at what the peer may have said before TLS began, which is then
   * its `fault`.
   */
  listenFirst(): Promise<void>;
  /**
   * Reads the ClientHello, which goes to the engine all the same. `undefined`:
   * the peer ended before it was whole. Rejects with a Fault.
   */
  readHello(early: Uint8Array | undefined): Promise<ClientHello | undefined>;
  /** Sends an alert in the clear where the engine leaves that to us. */
  alert(number: number): Promise<void>;

  // ---- over TLS

  /**
   * Whether plain bytes are wanted. Deno's engine reads on whatever its reader
   * says, so that the flow is stopped here, below it.
   */
  want(flag: boolean): void;
  /** Whether the engine is being given records: more may come of them. */
  readonly isFeeding: boolean;
  /** Told when the engine has had them. */
  onFed: () => void;
  /** How many bytes of records the stream below has taken so far. */
  readonly taken: number;
  /** Whether everything that it was given is with the stream below. */
  readonly isDrained: boolean;
  /** Settles when that is so. */
  drained(): Promise<void>;
  /**
   * The engine is told an end: whether it is `close_notify`, as far as can be
   * told; else it is a `fault` or a truncation. `isShut`: our side has ended.
   */
  isNotified(isShut: boolean): boolean;
  /** The fault of an error that is not of TLS but of the stream below. */
  faultOf(error: unknown): Fault | undefined;
  /** Releases the descriptor, behind a write that is under way. */
  close(): void;
}
