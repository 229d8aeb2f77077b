/**
 * The short way to a server.
 *
 * @module
 */

import { show, toEndpoint } from "../address.ts";
import type { AddressLike } from "../contracts.ts";
import { socketError } from "../errors.ts";
import { currentRuntime } from "../runtime/detect.ts";
import type { Host, SignalName } from "../runtime/seam/host.ts";
import { SO_KEEPALIVE, SOL_SOCKET } from "../constants.ts";
import type { Listener } from "../socket/listen.ts";
import { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { ServerInit } from "./core.ts";
import type { ServerTls } from "./greeting.ts";
import type { DescriptorPlan } from "./limits.ts";
import { loadHandler } from "./module.ts";
import { type Opened, openListener, roomOf, tlsOf } from "./opening.ts";
import {
  LISTEN_OPTIONS,
  planOf,
  type ServeOptions,
  type ServePlan,
} from "./options.ts";
import type { Handler, Server } from "./server.ts";
import { StreamServer } from "./stream_server.ts";
import { serveByWorkers } from "./workers/serve_by_workers.ts";

/**
 * Serves an address: `handler` is called for each connection, and may take as
 * long as it likes. Settles when the address is claimed; from then on nobody
 * who connects is lost. A listener that is given is the server's from then on.
 *
 * Who comes is let in within `maxConnections`, which the process's descriptors
 * bound, and `maxPerHost`; then come the PROXY header, where one is expected,
 * TLS, and `verifyRequest`; then the handler.
 *
 * The handler may be a module, as a `URL`: its default export is the handler,
 * and its export `setup`, if there is one, is awaited before anything listens.
 * With the option `workers` it is imported in each of them.
 *
 * @throws {TypeError} | {RangeError} for what the options cannot be, and if
 *   there are not enough descriptors.
 * @throws {SocketError} what `listen` fails with, with `op: "bind"`; `EBUSY`
 *   for a listener that another server has; `EOPNOTSUPP` for `tls` where there
 *   is none.
 *
 * @example An echo server that ends well
 * ```ts
 * import { formatAddress } from "@anysock/anysock";
 * import { serve } from "@anysock/anysock/server";
 *
 * const server = await serve("127.0.0.1:0", async (connection, { signal }) => {
 *   while (true) {
 *     const bytes = await connection.recv({ signal });
 *     if (bytes === null) break;
 *     await connection.sendAll(bytes);
 *   }
 * }, { maxPerHost: 100, idleTimeoutMs: 60_000, signals: ["SIGTERM"] });
 * console.log(`Listening on ${formatAddress(server.address)}`);
 * const { finished, reset } = await server.stop({ graceMs: 5_000 });
 * console.log(`${finished} finished, ${reset} were reset`);
 * ```
 */
export async function serve(
  address: AddressLike | Listener,
  handler: Handler | URL,
  options: ServeOptions = {},
): Promise<Server> {
  const isModule = handler instanceof URL;
  if (typeof handler !== "function" && !isModule) {
    throw new TypeError(`A handler is a function: ${show(handler)}`);
  }
  const plan = planOf(options);
  const { signal, workers } = plan;
  if (isListener(address)) checkListener(address, options);
  else toEndpoint(address, "any");
  signal?.throwIfAborted();
  const host = hostOf(plan.signals);
  if (workers !== undefined) {
    if (!isModule) {
      throw new TypeError("workers need a module: a function is of one thread");
    }
    if (isListener(address)) {
      throw new TypeError("A listener is of one process: workers listen too");
    }
    const server = await serveByWorkers(
      ...[address, handler, options, { ...plan, workers }] as const,
    );
    obey(server, plan, host);
    return server;
  }
  const init = await begin(address, handler, plan, options);
  if (signal?.aborted) {
    await init.listener.close();
    throw signal.reason;
  }
  const server = new StreamServer(init);
  obey(server, plan, host);
  return server;
}

/** Judges all that was said, sets up the handler's module, and listens. */
async function begin(
  address: AddressLike | Listener,
  handler: Handler | URL,
  plan: ServePlan,
  options: ServeOptions,
): Promise<ServerInit> {
  const given = isListener(address)
    ? checkListener(address, options)
    : undefined;
  const tls = await tlsOf((given ?? plan).runtime, options);
  const judge = () => {
    plan.signal?.throwIfAborted();
    if (given === undefined) return roomOf(plan.runtime, options, plan);
    demandFree(given, tls);
    return roomOf(given.runtime, given.listenerKind, plan);
  };
  let room = judge();
  let call = handler;
  if (call instanceof URL) {
    call = await loadHandler(call, undefined);
    room = judge(); // it may have taken descriptors, or the listener
  }
  const opened = given === undefined
    ? await openListener(address as AddressLike, plan, options, tls, room)
    : adopt(given, plan, tls, room);
  return { ...opened, handler: call, plan };
}

function isListener(value: unknown): value is Listener {
  return typeof value === "object" && value !== null && "accept" in value;
}

/** The listeners that servers have taken over. */
const adopted = new WeakSet<StreamSocket>();

/** A listener of this library, told nothing that is for `listen`. */
function checkListener(given: Listener, options: ServeOptions): StreamSocket {
  if (!(given instanceof StreamSocket)) {
    throw new TypeError(`Not a listener of this library: ${show(given)}`);
  }
  const told = LISTEN_OPTIONS.find((name) => options[name] !== undefined);
  if (told !== undefined) {
    throw new TypeError(`${told} is for listen(): a listener listens already`);
  }
  return given;
}

/** A listener that listens, and that no other server has. */
function demandFree(given: StreamSocket, tls: ServerTls | undefined): void {
  if (adopted.has(given)) {
    const reason = "another server has this listener";
    throw socketError("EBUSY", { op: "serve", reason });
  }
  if (!given.isListening) throw socketError("EINVAL", { op: "serve" });
  if (tls !== undefined && given.handshakes !== undefined) {
    throw new TypeError("tls is for listen(): a listener has its own");
  }
}

/** The listener is the server's from now on. */
function adopt(
  given: StreamSocket,
  plan: ServePlan,
  tls: ServerTls | undefined,
  { maxConnections, backlog }: DescriptorPlan,
): Opened {
  given.boundWaiting(Math.max(backlog, 1));
  const isInet = given.getSockName().family !== "unix";
  if (isInet && plan.keepAlive !== undefined) {
    given.setSockOpt(SOL_SOCKET, SO_KEEPALIVE, plan.keepAlive ? 1 : 0);
  }
  adopted.add(given);
  return {
    listener: given,
    maxConnections,
    tls: tls ?? takeHandshakes(given),
  };
}

/** The server does the handshakes, behind limits and PROXY headers. */
function takeHandshakes({ handshakes }: StreamSocket): ServerTls | undefined {
  if (handshakes === undefined) return undefined;
  handshakes.handOver();
  return {
    ...handshakes.tls,
    failed: (error, address) => handshakes.failed(error, address),
  };
}

/** The process whose signals stop a server. */
function hostOf(signals: readonly SignalName[]): Host | undefined {
  if (signals.length === 0) return undefined;
  const { host } = currentRuntime();
  if (host !== undefined) return host;
  const reason = "there are no signals here";
  throw socketError("EOPNOTSUPP", { op: "serve", reason });
}

/** Stops when the program's signal or the system's says so. */
function obey(
  server: Server,
  { signal, signals }: ServePlan,
  host: Host | undefined,
): void {
  let isSecond = false;
  const onSignal = () => {
    void server.stop(isSecond ? { graceMs: 0 } : {});
    isSecond = true;
  };
  const forgets = signals.map((name) => host?.onSignal(name, onSignal));
  const onAbort = () => void server.stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  void server.closed.then(() => {
    for (const forget of forgets) forget?.();
    signal?.removeEventListener("abort", onAbort);
  });
}
