/**
 * What comes between the limits and the handler: a PROXY header, TLS, and the
 * program's own word, in this order.
 *
 * @module
 */

import type { SocketError } from "../errors.ts";
import type { TlsServerRole } from "../runtime/seam/tls.ts";
import type { Address } from "../contracts.ts";
import { hostOf, type HostTable } from "./limits.ts";
import type { ProxyPlan, ServePlan } from "./options.ts";
import { receiveProxyHeader } from "./proxy/receive.ts";
import type { ServedConnection } from "./served_connection.ts";
import type { Rejection } from "./stats.ts";

/** How a server speaks TLS. */
export interface ServerTls {
  /** What does the handshakes. */
  readonly role: TlsServerRole;
  /** So long one may take, unless the server says. */
  readonly handshakeTimeoutMs: number;
  /** Told of those that failed, where the listener was the program's. */
  readonly failed?: (error: SocketError, address: Address) => void;
}

/** Why a connection is not let in. */
export interface Refusal {
  readonly reason: Rejection;
  /** What it failed with. */
  readonly error?: unknown;
  /** Whether that is a failure of the program's. */
  readonly isFailure?: boolean;
}

type Step = (connection: ServedConnection) => Promise<Refusal | undefined>;

/** So long a greeting may take, unless the program says. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** What a server asks of connections before its handler gets them. */
export class Greeting {
  /** Whose headers are expected. */
  readonly proxy: ProxyPlan | undefined;
  /** Whether those that send no header are greeted, too. */
  readonly isForAll: boolean;
  /** So long it may take; `null` where there is nothing to wait for. */
  readonly timeoutMs: number | null;
  readonly #tls: ServerTls | undefined;
  readonly #verifyRequest: ServePlan["verifyRequest"];
  readonly #hosts: HostTable;

  /** What the plan and TLS say; clients of proxies are counted in `hosts`. */
  constructor(plan: ServePlan, tls: ServerTls | undefined, hosts: HostTable) {
    const { proxy, verifyRequest, handshakeTimeoutMs } = plan;
    this.proxy = proxy;
    this.#tls = tls;
    this.#verifyRequest = verifyRequest;
    this.#hosts = hosts;
    this.isForAll = tls !== undefined || verifyRequest !== undefined;
    const timeoutMs = handshakeTimeoutMs ?? tls?.handshakeTimeoutMs ??
      DEFAULT_TIMEOUT_MS;
    const isNeeded = this.isForAll || proxy !== undefined;
    this.timeoutMs = isNeeded && timeoutMs !== Infinity ? timeoutMs : null;
  }

  /** Greets, up to a refusal, or until the connection ends. Never rejects. */
  async greet(
    connection: ServedConnection,
    isProxy: boolean,
  ): Promise<Refusal | undefined> {
    for (const step of this.#stepsFor(isProxy)) {
      const refusal = await step(connection);
      if (refusal !== undefined || connection.isEnding) return refusal;
    }
    return undefined;
  }

  *#stepsFor(isProxy: boolean): Iterable<Step> {
    if (isProxy) yield this.#takeHeader;
    if (this.#tls !== undefined) yield this.#shake;
    if (this.#verifyRequest !== undefined) yield this.#verify;
  }

  readonly #takeHeader: Step = async (connection) => {
    const { isRequired, maxLength } = this.proxy as ProxyPlan;
    const { socket } = connection;
    try {
      const header = await receiveProxyHeader(socket, isRequired, maxLength);
      if (connection.isEnding) return undefined;
      connection.proxy = header;
    } catch (error) {
      return { reason: "proxy", error };
    }
    // Of what comes by a proxy the client counts.
    if (connection.proxy?.command === "local") return undefined;
    const host = hostOf(connection.address);
    if (!this.#hosts.enter(host)) return { reason: "perHost" };
    connection.host = host;
    return undefined;
  };

  readonly #shake: Step = async (connection) => {
    const { role, failed } = this.#tls as ServerTls;
    const { socket, address } = connection;
    // Its listener may have begun before the server had it.
    if (socket.tls !== undefined) return undefined;
    try {
      await socket.secure(role);
      return undefined;
    } catch (error) {
      // A server that stops ends handshakes; only a late one has failed.
      const isStopped = connection.isEnding &&
        connection.outcome !== "handshake";
      if (!isStopped) failed?.(error as SocketError, address);
      return { reason: "handshake", error };
    }
  };

  readonly #verify: Step = async (connection) => {
    try {
      const isFine = await this.#verifyRequest?.(connection.socket, connection);
      return isFine ? undefined : { reason: "verify" };
    } catch (error) {
      return { reason: "verify", error, isFailure: true };
    }
  };
}
