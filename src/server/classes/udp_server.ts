/**
 * Servers of datagrams, as Python's `socketserver.UDPServer`.
 *
 * @module
 */

import { toEndpoint } from "../../address.ts";
import { type AddressFamily, AF_INET, AF_UNIX } from "../../constants.ts";
import { socketError } from "../../errors.ts";
import { DatagramSocket } from "../../socket/datagram/datagram_socket.ts";
import { familyOf } from "../../socket/family.ts";
import { checkMost } from "../options.ts";
import { BaseServer, type TakenRequest } from "./base_server.ts";
import type { DatagramRequest } from "./request_handler.ts";

/**
 * Serves datagrams, each by a new object of the handler class.
 *
 * @example
 * ```ts
 * import { DatagramRequestHandler, UdpServer } from "@anysock/anysock/server";
 *
 * class Upper extends DatagramRequestHandler {
 *   override handle(): void {
 *     const text = new TextDecoder().decode(this.packet);
 *     this.wfile.write(text.toUpperCase());
 *   }
 * }
 *
 * await using server = new UdpServer(["127.0.0.1", 0], Upper);
 * await server.serveForever();
 * ```
 */
export class UdpServer extends BaseServer<DatagramRequest> {
  /** The family of its socket; default that of the address. */
  addressFamily: AddressFamily | undefined;
  /** Bytes of the longest datagram; default 65,535. The rest of it is lost. */
  maxPacketSize = 65_535;
  /** How many may be served at the same time; default 1,024. Others wait. */
  maxPending = 1024;
  #socket: DatagramSocket | undefined;

  /** The socket. */
  override get socket(): DatagramSocket {
    if (this.#socket !== undefined) return this.#socket;
    throw socketError("EINVAL", { op: "serve", reason: "it is not bound" });
  }

  /** Claims the address. */
  override async serverBind(): Promise<void> {
    const { runtime, addressFamily } = this;
    checkMost("maxPending", this.maxPending);
    checkMost("maxPacketSize", this.maxPacketSize);
    const isUnix = addressFamily === AF_UNIX;
    const address = this.serverAddress;
    const endpoint = toEndpoint(address, isUnix ? "unix" : "any");
    const family = addressFamily ??
      ("family" in endpoint ? familyOf(endpoint) : AF_INET);
    const socket = DatagramSocket.create({ family, proto: 0, runtime });
    this.#socket = socket;
    await socket.bind(address);
    this.serverAddress = socket.getSockName();
  }

  /** A socket of datagrams has nothing to listen with. */
  override async serverActivate(): Promise<void> {}

  /** Waits for a datagram. */
  override async getRequest(): Promise<TakenRequest<DatagramRequest>> {
    const { socket, maxPacketSize } = this;
    const [packet, client] = await socket.recvFrom(maxPacketSize, {
      timeoutMs: null,
    });
    return [[packet, socket], client];
  }

  /** A datagram holds nothing. */
  override closeRequest(): void {}

  /** There is nothing to end by force. */
  protected override abandon(): void {}

  /** `maxPending`. */
  protected override get mostRequests(): number {
    return this.maxPending;
  }
}

/** Serves datagrams to a Unix path, where the runtime has them. */
export class UnixDatagramServer extends UdpServer {
  /** Always `AF_UNIX`. */
  override addressFamily: AddressFamily | undefined = AF_UNIX;
}
