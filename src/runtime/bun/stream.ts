/**
 * A connection of Bun's. Bun pushes: bytes flow until the sink says stop, and a
 * pause is exact.
 *
 * All sockets of a role share one handler object and keep their state in
 * `socket.data`. An exception of a sink ends its own connection with
 * `ECONNABORTED` and is its cause; one thrown on being told that is uncaught.
 *
 * @module
 */

import { atMicrotask } from "../../turn.ts";
import type { Address, Bytes, HostAndPort } from "../../contracts.ts";
import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { TlsInfo } from "../../tls_contracts.ts";
import type { RawStream, StreamSink } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import { localOf, remoteOf, tellsPortAlone, UNNAMED } from "./addresses.ts";
import { EarlySink } from "./early_sink.ts";
import { toFault } from "./error_mapping.ts";
import type { BunSocket } from "./native.ts";
import { setBunOption } from "./options.ts";
import { demandPrivate } from "./supports.ts";

/** What a socket's data is told of it. */
export interface StreamEvents {
  received(chunk: Bytes): void;
  finished(): void;
  drained(): void;
  ended(error: unknown): void;
  threw(error: unknown): void;
}

/** What is known of a socket that speaks TLS. */
export interface Secured {
  readonly info: TlsInfo;
  /** The fault of an error of TLS; `undefined` for others. */
  faultOf(error: unknown): Fault | undefined;
}

/** The driver of one connection. */
export class BunStream implements RawStream, StreamEvents {
  readonly remoteAddress: Address | undefined;
  readonly #socket: BunSocket;
  readonly #localAddress: Address | undefined;
  readonly #secured: Secured | undefined;
  #attached: StreamSink | undefined;
  #fault: Fault | undefined;
  #isPaused = false;
  /** Whether the kernel took less than was given at the last write. */
  #isFull = false;
  #isEnded = false;
  /** Whether this side let go: what comes then is no news. */
  #isReleased = false;
  #isClosed = false;

  constructor(
    socket: BunSocket,
    remote: Address | undefined,
    local: Address | undefined,
    secured?: Secured,
  ) {
    this.#socket = socket;
    this.remoteAddress = remote;
    this.#localAddress = local;
    this.#secured = secured;
    socket.data = this;
  }

  get writesAtOnce(): true {
    return true;
  }

  get tls(): TlsInfo | undefined {
    return this.#secured?.info;
  }

  // ---- its socket goes over to TLS

  /** Throws a Fault unless a client's TLS can be put over it. */
  demandUpgradable(): void {
    demandPrivate(this.#socket);
  }

  /** Begins TLS as a client, on another socket in the place of its own. */
  upgrade(tls: object, data: StreamEvents, handler: object): BunSocket {
    // While paused it would bring nothing to its successor.
    this.resume();
    this.#socket.reload({ socket: RAW_HANDLER });
    const [, upper] = this.#socket.upgradeTLS({ tls, data, socket: handler });
    return upper;
  }

  /** Its socket, which tells `data` from now on. */
  handOver(data: StreamEvents): BunSocket {
    this.#socket.data = data;
    return this.#socket;
  }

  /** The driver of a socket with the same ends that speaks TLS. */
  secured(socket: BunSocket, secured: Secured): BunStream {
    const { remoteAddress: remote } = this;
    return new BunStream(socket, remote, this.#localAddress, secured);
  }

  localAddress(): Address {
    if (this.#localAddress !== undefined) return this.#localAddress;
    if (!tellsPortAlone(this.#socket)) throw new Fault("ENOTCONN");
    const reason = "Bun before 1.2.10 tells the port alone";
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }

  attach(sink: StreamSink): void {
    const before = this.#attached;
    this.#attached = sink;
    if (before === undefined) this.resume();
    else if (before instanceof EarlySink && before.replay(sink)) this.resume();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  write(data: Uint8Array): number {
    const taken = this.#socket.write(data);
    if (taken < 0) throw this.#fault ??= this.#refusal();
    this.#isFull = taken < data.length;
    return taken;
  }

  /**
   * What it means that a write is refused, which Bun does not tell. It has
   * taken a reset away with it, if it was one: reading on then ends as if in
   * order. So what proves an end is an end that was seen, and nothing else. A
   * Unix socket knows no reset, and keeps its error for who reads.
   */
  #refusal(): Fault {
    const isEnd = this.#isEnded || this.#localAddress?.family === "unix";
    return new Fault(isEnd ? "EPIPE" : "ECONNRESET");
  }

  shutdown(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    // Not `end()`, which closes both ways.
    this.#socket.shutdown();
    return Promise.resolve();
  }

  reset(): void {
    if (this.#localAddress?.family === "unix") {
      throw new Fault("EOPNOTSUPP", undefined, "Unix sockets know no reset");
    }
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#socket.terminate();
  }

  close(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    closeNow(this.#socket);
  }

  ref(flag: boolean): void {
    if (flag) this.#socket.ref();
    else this.#socket.unref();
  }

  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    // Asked first: Bun says `true` for a Unix socket, and nothing happens.
    if (this.#localAddress?.family === "unix") {
      throw new Fault("ENOPROTOOPT", undefined, "not a TCP connection");
    }
    setBunOption(this.#socket, name, value, tuning);
  }

  getOption(name: OptionName): number | undefined {
    return name === "typeOfService"
      ? this.#socket.getTypeOfService()
      : undefined;
  }

  fileno(): number {
    return this.#socket.fd;
  }

  detach(): unknown {
    const socket = this.#socket;
    if (this.#secured !== undefined) {
      const reason = "what a TLS connection has agreed on cannot be given away";
      throw new Fault("EOPNOTSUPP", undefined, reason);
    }
    demandPrivate(socket);
    this.pause();
    this.#isReleased = true;
    socket.reload({ socket: ORPHAN_HANDLER });
    socket.data = undefined;
    this.#sink.closed();
    return socket;
  }

  // ---- what the handlers tell

  get #sink(): StreamSink {
    return this.#attached ??= new EarlySink();
  }

  received(chunk: Bytes): void {
    if (!this.#sink.data(chunk)) this.pause();
  }

  finished(): void {
    this.#isEnded = true;
    this.#sink.end();
  }

  drained(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#sink.writable();
  }

  /** Bun has released the descriptor. */
  ended(error: unknown): void {
    this.#isClosed = true;
    // Later, because `close()` and `reset()` come here before they return.
    atMicrotask(() => this.#sink.closed());
    if (this.#isReleased) return;
    const fault = error == null
      ? undefined
      : this.#secured?.faultOf(error) ?? toFault(error);
    this.#fault ??= fault;
    // With our side shut down Bun tells of the peer's FIN in this way only.
    // EPIPE is the answer to what we sent after that FIN: reading is at its
    // end, not broken.
    const isEnd = fault === undefined || fault.code === "EPIPE";
    if (isEnd && !this.#isEnded) this.finished();
    if (fault !== undefined && !this.#isReleased) this.#sink.failed(fault);
  }

  /** The sink threw, or what TLS brought is no record. */
  threw(error: unknown): void {
    const fault = this.#secured?.faultOf(error) ??
      new Fault("ECONNABORTED", error, "a callback threw");
    this.#fault ??= fault;
    this.#isReleased = true;
    if (!this.#isClosed) this.#socket.terminate();
    this.#sink.failed(fault);
  }
}

/** Before 1.2.22 there is no `close()`, and `end()` closes both ways at once. */
function closeNow(socket: BunSocket): void {
  if (socket.close === undefined) socket.end();
  else socket.close();
}

/** What both roles do alike. */
export const SHARED_HANDLER = {
  binaryType: "uint8array",
  data(socket: BunSocket, chunk: Bytes): void {
    (socket.data as StreamEvents).received(chunk);
  },
  drain(socket: BunSocket): void {
    (socket.data as StreamEvents).drained();
  },
  end(socket: BunSocket): void {
    (socket.data as StreamEvents).finished();
  },
  close(socket: BunSocket, error?: Error): void {
    (socket.data as StreamEvents).ended(error);
  },
  /** Tells of exceptions in the functions above, not of the network. */
  error(socket: BunSocket, error: Error): void {
    (socket.data as StreamEvents).threw(error);
  },
};

/** Of sockets that connect. */
export const CLIENT_HANDLER: typeof SHARED_HANDLER & {
  open(socket: BunSocket): void;
  connectError(): void;
} = {
  ...SHARED_HANDLER,
  open(socket: BunSocket): void {
    const asked = socket.data as Address | HostAndPort;
    const isUnix = "path" in asked;
    const remote = isUnix ? asked : remoteOf(socket, asked);
    new BunStream(socket, remote, isUnix ? UNNAMED : localOf(socket, asked));
  },
  /** The promise of `Bun.connect` rejects as well. */
  connectError(): void {},
};

/** Of a socket whose bytes are those of TLS. */
const RAW_HANDLER = { drain(): void {}, error(): void {} };

/** Of a socket given back, until its new owner says `reload()`. */
const ORPHAN_HANDLER = { data(): void {}, error(): void {} };
