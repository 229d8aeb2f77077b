/**
 * A connection of Deno's. Deno pulls: at most one read stands, which is made
 * by `resume()`.
 *
 * @module
 */

import type { Address, Bytes } from "../../contracts.ts";
import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { TlsInfo } from "../../tls_contracts.ts";
import type { RawStream, StreamSink } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import { type GivenEnds, localOf, remoteOf } from "./addresses.ts";
import { toFault } from "./error_mapping.ts";
import type { DenoConn } from "./native.ts";
import { setDenoOption } from "./options.ts";
import { LARGEST_READ_BYTES, SUPPORTS } from "./supports.ts";

/** Reads start small, so that an idle connection pins little memory. */
const SMALLEST_READ_BYTES = 4096;

/**
 * From this size on a buffer that is half full is given away instead of copied
 * from: zeroing the next one costs less than the copy and an array beside it.
 */
const LARGE_BUFFER_BYTES = 32_768;

/**
 * A buffer shrinks after so many small reads in a row. After one, messages a
 * little longer than a buffer would come in two pieces for ever.
 */
const READS_TO_SHRINK = 2;

const NOTHING = new Uint8Array(0);

/** What Deno says of a connection that was closed. */
const CLOSED_CODES: ReadonlySet<string> = new Set(["EBADF", "EINTR"]);

/** What is known of a socket that speaks TLS. */
export interface Secured {
  readonly info: TlsInfo;
  /** The fault of an error of TLS; `undefined` for others. */
  faultOf(error: unknown): Fault | undefined;
}

/** The driver of one connection. */
export class DenoStream implements RawStream {
  readonly remoteAddress: Address | undefined;
  readonly writesAtOnce = false;
  readonly #conn: DenoConn;
  /** What it was made with. */
  readonly given: GivenEnds;
  readonly #secured: Secured | undefined;
  #sink: StreamSink | undefined;
  #scratch: Bytes | undefined;
  #readBytes = SMALLEST_READ_BYTES;
  #smallReads = 0;
  /** What the read that stands reads into. */
  #armed: Bytes = NOTHING;
  /** The sink copies what the read that stands brings. */
  #isCopied = false;
  #isReading = false;
  #reading: Promise<void> | undefined;
  #writing: Promise<number> | undefined;
  #isClosed = false;

  /** Takes charge of a connection, of which more may be known than is told. */
  constructor(conn: DenoConn, given: GivenEnds = {}, secured?: Secured) {
    this.#conn = conn;
    this.given = given;
    this.#secured = secured;
    this.remoteAddress = remoteOf(conn, given);
    conn.setNoDelay?.(true);
  }

  localAddress(): Address {
    const address = localOf(this.#conn, this.given);
    if (address === undefined) throw new Fault("ENOTCONN");
    return address;
  }

  get tls(): TlsInfo | undefined {
    return this.#secured?.info;
  }

  /** Whether a read stands. */
  get isReading(): boolean {
    return this.#isReading;
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
  }

  resume(isCopied = false): void {
    this.#isCopied = isCopied;
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    const buffer = this.#buffer();
    // No async function around it: each costs 0.2 µs, 3 % of a small echo.
    this.#reading = this.#conn.read(buffer)
      .then(this.#onRead, this.#onReadFailed);
  }

  pause(): void {}

  #buffer(): Bytes {
    return this.#armed = this.#scratch ??= new Uint8Array(this.#readBytes);
  }

  readonly #onRead = (count: number | null): void => {
    this.#isReading = false;
    if (this.#isClosed) return;
    const sink = this.#sink;
    if (count === null) sink?.end();
    else if (this.#isCopied && sink?.passing) sink.passing(this.#passed(count));
    else sink?.data(this.#received(count));
  };

  /** What was read, in the buffer that the next read reads into. */
  #passed(count: number): Bytes {
    const buffer = this.#armed;
    this.#isCopied = false;
    this.#adapt(count);
    return count === buffer.length ? buffer : buffer.subarray(0, count);
  }

  readonly #onReadFailed = (error: unknown): void => {
    this.#isReading = false;
    if (!this.#isClosed) this.#sink?.failed(this.faultOf(error));
  };

  /** What was read: a copy, or a view of a buffer that is given away. */
  #received(count: number): Bytes {
    const buffer = this.#armed;
    this.#adapt(count);
    const isLarge = buffer.length >= LARGE_BUFFER_BYTES;
    if (!isLarge || count * 2 < buffer.length) return buffer.slice(0, count);
    this.#scratch = undefined;
    return buffer.subarray(0, count);
  }

  /** The next buffer: doubled if this one was filled, halved if hardly. */
  #adapt(count: number): void {
    const size = this.#readBytes;
    if (count * 4 >= size) this.#smallReads = 0;
    if (count === size) return this.#resize(size * 2);
    const isSmall = count * 4 < size && size > SMALLEST_READ_BYTES;
    if (isSmall && ++this.#smallReads === READS_TO_SHRINK) {
      this.#resize(size / 2);
    }
  }

  #resize(bytes: number): void {
    this.#smallReads = 0;
    const size = Math.min(bytes, LARGEST_READ_BYTES);
    if (size !== this.#readBytes) this.#scratch = undefined;
    this.#readBytes = size;
  }

  /** Deno's own promise: `faultOf` names what it rejects with. */
  write(data: Uint8Array): Promise<number> {
    return this.#writing = this.#conn.write(data);
  }

  faultOf(error: unknown): Fault {
    const fault = this.#secured?.faultOf(error) ?? toFault(error);
    if (this.#isClosed || !CLOSED_CODES.has(fault.code)) return fault;
    return new Fault("ECONNABORTED", error, "the Deno.Conn was closed");
  }

  async shutdown(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw this.faultOf(error);
    }
  }

  reset(): void {
    throw new Fault("EOPNOTSUPP", undefined, SUPPORTS.abortiveClose as string);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#conn.close();
    } catch {
      // It was closed from elsewhere: there is nothing else that can fail.
    }
    // What Deno holds of the caller's memory it lets go of now.
    void Promise.allSettled([this.#reading, this.#writing])
      .then(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#conn.ref();
    else this.#conn.unref();
  }

  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    try {
      setDenoOption(this.#conn, name, value, tuning);
    } catch (error) {
      throw optionFault(error);
    }
  }

  detach(): unknown {
    if (this.#secured !== undefined) {
      const reason = "what a TLS connection has agreed on cannot be given away";
      throw new Fault("EOPNOTSUPP", undefined, reason);
    }
    if (this.#isReading) {
      throw new Fault(
        "EBUSY",
        undefined,
        "a read is outstanding, and Deno cannot take it back",
      );
    }
    this.#isClosed = true;
    this.#sink?.closed();
    return this.#conn;
  }
}

/** Deno sets options of a connection that nobody writes to. */
function optionFault(error: unknown): Fault {
  if (!/Unable to get resources/.test(String(error))) return toFault(error);
  return new Fault("EBUSY", error, "on Deno no option is set during a send");
}
