/**
 * How a server begins to listen.
 *
 * @module
 */

import { toEndpoint } from "../address.ts";
import type { AddressLike } from "../contracts.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { KeepAlive } from "../socket/keep_alive.ts";
import { listen } from "../socket/listen.ts";
import type { ListenerKind } from "../socket/stream/core.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import { serverRole } from "../socket/tls.ts";
import type { ServerInit } from "./core.ts";
import { descriptorFacts } from "./descriptors.ts";
import type { ServerTls } from "./greeting.ts";
import { type DescriptorPlan, planDescriptors } from "./limits.ts";
import type { ServeOptions, ServePlan } from "./options.ts";

/** Silence before the first probe of a keep-alive. */
const KEEP_ALIVE_IDLE_MS = 15_000;

/** What a server listens with. */
export type Opened = Pick<ServerInit, "listener" | "maxConnections" | "tls">;

/** What the handshakes of a server need, where it speaks TLS. */
export async function tlsOf(
  runtime: Runtime,
  { tls }: ServeOptions,
): Promise<ServerTls | undefined> {
  return tls === undefined
    ? undefined
    : await serverRole("serve", runtime, tls);
}

/**
 * How many connections there may be and wait: the process is asked.
 *
 * @throws {RangeError} if it cannot keep what was asked for.
 */
export function roomOf(
  runtime: Runtime,
  kind: ListenerKind,
  plan: ServePlan,
): DescriptorPlan {
  return planDescriptors(descriptorFacts(runtime, kind), plan);
}

/** Listens as the options say, with room for so many. */
export async function openListener(
  address: AddressLike,
  plan: ServePlan,
  options: ServeOptions,
  tls: ServerTls | undefined,
  { maxConnections, backlog }: DescriptorPlan,
): Promise<Opened> {
  const { runtime } = plan;
  const { reusePort, ipv6Only, abortive } = options;
  const endpoint = toEndpoint(address, "any");
  const keepAlive = "path" in endpoint ? false : keepAliveOf(runtime, plan);
  const listener = await listen(address, {
    ...{ runtime, backlog, keepAlive },
    ...reusePort !== undefined && { reusePort },
    ...ipv6Only !== undefined && { ipv6Only },
    ...abortive !== undefined && { abortive },
  });
  const socket = listener as StreamSocket;
  socket.boundWaiting(Math.max(backlog, 1));
  return { listener: socket, maxConnections, tls };
}

/** Where the idle time has to be told ahead, it costs the native listener. */
function keepAliveOf(
  { supports }: Runtime,
  { keepAlive = true }: ServePlan,
): boolean | KeepAlive {
  if (!keepAlive) return false;
  if (supports.keepAliveIdle === true) return { idleMs: KEEP_ALIVE_IDLE_MS };
  return supports.keepAlive === true;
}
