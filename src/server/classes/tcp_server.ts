/**
 * Servers of streams, as Python's `socketserver.TCPServer`.
 *
 * @module
 */

import { toEndpoint } from "../../address.ts";
import {
  type AddressFamily,
  AF_INET,
  AF_UNIX,
  SOMAXCONN,
} from "../../constants.ts";
import { socketError } from "../../errors.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { familyOf } from "../../socket/family.ts";
import type { ListenerTls } from "../../socket/stream/handshakes.ts";
import { StreamSocket } from "../../socket/stream/stream_socket.ts";
import { serverRole } from "../../socket/tls.ts";
import type { TlsServerOptions } from "../../tls_contracts.ts";
import { planDescriptors } from "../limits.ts";
import { descriptorFacts } from "../descriptors.ts";
import { checkMost } from "../options.ts";
import { BaseServer, type TakenRequest } from "./base_server.ts";

/** What calls are told whose handler did not end in time. */
const CLOSED = new Fault("ECANCELED", undefined, "the server is closed");

/**
 * Serves TCP connections, each by a new object of the handler class.
 *
 * @example
 * ```ts
 * import { BaseRequestHandler, TcpServer } from "@anysock/anysock/server";
 *
 * class Echo extends BaseRequestHandler {
 *   override async handle(): Promise<void> {
 *     for await (const bytes of this.request) await this.request.sendAll(bytes);
 *   }
 * }
 *
 * await using server = new TcpServer(["127.0.0.1", 0], Echo);
 * await server.serveForever();
 * ```
 */
export class TcpServer extends BaseServer<StreamSocket> {
  /** The family of its socket; default that of the address. */
  addressFamily: AddressFamily | undefined;
  /**
   * How many connections may wait unaccepted; default `SOMAXCONN`. Python's 5
   * would have clients reset where the runtime accepts by itself.
   */
  requestQueueSize: number = SOMAXCONN;
  /** `SO_REUSEADDR`, which is always on. */
  readonly allowReuseAddress = true;
  /** `SO_REUSEPORT`; default `false`. */
  allowReusePort = false;
  /**
   * Speak TLS: `getRequest` gives connections whose handshake has succeeded,
   * so that `verifyRequest` knows `request.tls`. Those that failed are counted
   * in `socket.tlsFailures`. To be set before the address is claimed.
   */
  tls: TlsServerOptions | undefined;
  /** How many connections there may be; default as of `serve`. */
  maxConnections: number | undefined;
  #socket: StreamSocket | undefined;
  #most = Infinity;

  /** The listening socket. */
  override get socket(): StreamSocket {
    if (this.#socket !== undefined) return this.#socket;
    throw socketError("EINVAL", { op: "serve", reason: "it is not bound" });
  }

  /** Claims the address, of which `serverActivate` is told. */
  override async serverBind(): Promise<void> {
    const { runtime, allowReusePort: reusePort, addressFamily } = this;
    const isUnix = addressFamily === AF_UNIX;
    const address = this.serverAddress;
    const endpoint = toEndpoint(address, isUnix ? "unix" : "any");
    const family = addressFamily ??
      ("family" in endpoint ? familyOf(endpoint) : AF_INET);
    const tls = await this.#roleOf(this.tls);
    const init = { family, proto: 0, runtime, reusePort, tls };
    this.#socket = StreamSocket.create(init);
    await this.#socket.bind(address);
  }

  async #roleOf(
    tls: TlsServerOptions | undefined,
  ): Promise<ListenerTls | undefined> {
    if (tls === undefined) return undefined;
    const role = await serverRole("serve", this.runtime, tls);
    return { ...role, onError: undefined };
  }

  /** Listens. */
  override async serverActivate(): Promise<void> {
    const { socket, allowReusePort: reusePort } = this;
    const maxConnections = checkMost("maxConnections", this.maxConnections);
    const facts = descriptorFacts(this.runtime, { reusePort });
    const asked = { maxConnections, backlog: this.requestQueueSize };
    const plan = planDescriptors(facts, asked);
    this.#most = plan.maxConnections;
    await socket.listen(plan.backlog);
    this.serverAddress = socket.getSockName();
  }

  /** Waits for a connection. */
  override getRequest(): Promise<TakenRequest<StreamSocket>> {
    return this.socket.accept({ timeoutMs: null });
  }

  /** Closes the connection, also where the handler left files open. */
  override async closeRequest(request: StreamSocket): Promise<void> {
    await request.closeWithFiles();
  }

  /** Resets the connection. */
  protected override abandon(request: StreamSocket): void {
    request.cut(CLOSED);
  }

  /** `maxConnections`, or what there are descriptors for. */
  protected override get mostRequests(): number {
    return this.#most;
  }
}

/** Serves connections to a Unix path, where the runtime has them. */
export class UnixStreamServer extends TcpServer {
  /** Always `AF_UNIX`. */
  override addressFamily: AddressFamily | undefined = AF_UNIX;
}
