/**
 * nats-core over sockets of ours, by its own `Transport`: one for Deno, Bun
 * and Node, each of which it has one for.
 *
 * @module
 */

import type { ConnectionOptions, NatsConnection } from "@nats-io/nats-core";
import {
  checkOptions,
  errors,
  INFO,
  NatsConnectionImpl,
  type Server,
  setTransportFactory,
  type Transport,
} from "@nats-io/nats-core/internal";
import { connect, SocketError, type StreamSocket } from "../../mod.ts";

/** The longest INFO that a server may begin with. */
const INFO_BYTES = 1 << 20;

class SocketTransport implements Transport {
  readonly lang = "anysock";
  readonly version = "0.1.0";
  isClosed = false;
  declare closeError?: Error;
  #sock: StreamSocket | undefined;
  #greeting = new Uint8Array(0);
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #onClosed: (error: Error | undefined) => void = () => {};
  readonly #closed = new Promise<void | Error>((resolve) =>
    this.#onClosed = (error) => resolve(error)
  );

  async connect(server: Server, options: ConnectionOptions): Promise<void> {
    const { hostname, port } = server;
    const timeoutMs = options.timeout ?? 20_000;
    try {
      this.#sock = await connect({ hostname, port }, { timeoutMs });
      await this.#greet(this.#sock, server, options);
    } catch (error) {
      await this.#sock?.close({ lingerMs: 0 });
      if (!(error instanceof SocketError)) throw error;
      throw new errors.ConnectionError(error.message, { cause: error });
    }
    if (this.isClosed) await this.#sock.close();
  }

  /** The server speaks first, in the clear, and says whether it wants TLS. */
  async #greet(
    sock: StreamSocket,
    { tlsName }: Server,
    options: ConnectionOptions,
  ): Promise<void> {
    const limits = { maxBytes: INFO_BYTES, keepDelimiter: true };
    this.#greeting = await sock.recvUntil("\r\n", limits);
    const text = new TextDecoder().decode(this.#greeting);
    const info = JSON.parse(INFO.exec(text)?.[1] ?? "null");
    if (info === null) throw new Error("unexpected response from server");
    checkOptions(info, options);
    const isWanted = info.tls_available === true && options.tls !== null;
    if (!info.tls_required && !isWanted) return;
    const { ca, cert, key } = options.tls ?? {};
    await sock.startTls({
      ...tlsName && { serverName: tlsName },
      ...ca && { ca },
      ...cert && key && { cert, key },
    });
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    yield this.#greeting;
    try {
      for await (const chunk of this.#sock!) yield chunk;
      await this.#end(undefined);
    } catch (error) {
      await this.#end(this.isClosed ? undefined : error as Error);
    }
  }

  isEncrypted(): boolean {
    return this.#sock?.tls !== undefined;
  }

  /** Frames that come while one is on its way leave together. */
  send(frame: Uint8Array): void {
    this.#waiting.push(frame);
    this.#writing ??= this.#write();
    // Whoever reads is told why the connection is over.
    this.#writing.catch(() => {});
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const frames = this.#waiting;
        this.#waiting = [];
        await this.#sock?.sendAll(frames);
      }
    } finally {
      // In the turn that saw nothing waiting: what comes next begins anew.
      this.#writing = undefined;
    }
  }

  close(error?: Error): Promise<void> {
    return this.#end(error);
  }

  disconnect(): void {
    void this.#end(undefined);
  }

  discard(): void {
    this.isClosed = true;
    void this.#sock?.close({ lingerMs: 0 });
  }

  closed(): Promise<void | Error> {
    return this.#closed;
  }

  async #end(error: Error | undefined): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (error !== undefined) this.closeError = error;
    if (error === undefined) await this.#writing?.catch(() => {});
    await this.#sock?.close();
    this.#onClosed(error);
  }
}

/** A connection to a NATS server, over sockets of ours. */
export function openNats(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new SocketTransport() });
  return NatsConnectionImpl.connect(options);
}
