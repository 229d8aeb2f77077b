/**
 * What handles one request by files, as in Python's `socketserver`.
 *
 * @module
 */

import { IPPROTO_TCP, TCP_NODELAY } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import { SocketError } from "../../errors.ts";
import type { DatagramSocket } from "../../socket/datagram/datagram_socket.ts";
import type { SocketFile } from "../../socket/file/socket_file.ts";
import type { StreamSocket } from "../../socket/stream/stream_socket.ts";
import { BaseRequestHandler } from "./base_server.ts";
import { PacketReader, PacketWriter } from "./packet_files.ts";

/**
 * Handles a connection by two files, one to read and one to write.
 *
 * @example
 * ```ts
 * import { StreamRequestHandler } from "@anysock/anysock/server";
 *
 * class Upper extends StreamRequestHandler {
 *   override async handle(): Promise<void> {
 *     const line = await this.rfile.readLine();
 *     const text = new TextDecoder().decode(line ?? undefined);
 *     await this.wfile.write(text.toUpperCase());
 *   }
 * }
 * ```
 */
export class StreamRequestHandler extends BaseRequestHandler<StreamSocket> {
  /** The connection. */
  connection!: StreamSocket;
  /** What the client sends. It keeps no read-ahead of its own. */
  rfile!: SocketFile<Bytes>;
  /** What is sent to the client; flushed at the end. */
  wfile!: SocketFile<Bytes>;
  /** Bytes that `wfile` gathers; default 0: each write is sent at once. */
  wbufsize = 0;
  /** Milliseconds that each call may wait; default `null`, for ever. */
  timeout: number | null = null;
  /** `TCP_NODELAY`; default `true`. */
  disableNagleAlgorithm = true;

  /** Opens the files. */
  override setup(): void | Promise<void> {
    const { request: connection } = this;
    this.connection = connection;
    if (this.timeout !== null) connection.setTimeout(this.timeout);
    // It is on already.
    if (!this.disableNagleAlgorithm) {
      connection.setSockOpt(IPPROTO_TCP, TCP_NODELAY, 0);
    }
    this.rfile = connection.makeFile("r");
    this.wfile = connection.makeFile("w", { bufferSize: this.wbufsize });
  }

  /** Flushes and closes the files; that the peer has gone is no failure. */
  override async finish(): Promise<void> {
    try {
      await this.wfile.close();
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
    }
    await this.rfile.close();
  }
}

/** What a UDP server's handler is given: a datagram, and what to answer by. */
export type DatagramRequest = readonly [packet: Bytes, socket: DatagramSocket];

/** Handles a datagram by two files; what was written is sent at the end. */
export class DatagramRequestHandler
  extends BaseRequestHandler<DatagramRequest> {
  /** The datagram. */
  packet!: Bytes;
  /** The server's socket. */
  socket!: DatagramSocket;
  /** Reads the datagram. */
  rfile!: PacketReader;
  /** Gathers the answer. */
  wfile!: PacketWriter;

  /** Opens the files. */
  override setup(): void | Promise<void> {
    [this.packet, this.socket] = this.request;
    this.rfile = new PacketReader(this.packet);
    this.wfile = new PacketWriter();
  }

  /** Sends what was written, if that is anything. */
  override async finish(): Promise<void> {
    const answer = this.wfile.take();
    if (answer.length > 0) await this.socket.sendTo(answer, this.clientAddress);
  }
}
