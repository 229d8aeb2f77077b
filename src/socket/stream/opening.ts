/**
 * From a checked endpoint to a connection or a listener of a runtime, with
 * the errors that belong to it.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import { AF_INET, AF_INET6 } from "../../constants.ts";
import type { Address } from "../../contracts.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { RawListener } from "../../runtime/seam/stream.ts";
import { errorOfFault, Fault } from "../../runtime/seam/fault.ts";
import { demandZone } from "../../runtime/seam/zones.ts";
import { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { Deadline, unlessAborted } from "../../deadline.ts";
import type { Wait } from "../../deadline.ts";

/** What has to be said before a connection or listener exists. */
export interface EndpointOptions {
  /** Connections must be able to send RST (needed on Deno alone). */
  readonly abortive?: boolean | undefined;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean | undefined;
  /** `IPV6_V6ONLY`. */
  readonly ipv6Only?: boolean | undefined;
  /** The keep-alive's idle time will be set (matters on Deno alone). */
  readonly keepAliveIdle?: boolean | undefined;
}

/** How to connect. */
export interface OpenOptions extends EndpointOptions {
  /** The family of the socket; any, if it is made for the address. */
  readonly family: AddressFamily | undefined;
  /** What it is bound to. */
  readonly local: Endpoint | undefined;
  /** How long it may take. */
  readonly wait: Wait;
  /** Aborted with an error when the socket is closed meanwhile. */
  readonly closing?: AbortSignal | undefined;
}

/** Codes that speak of the local address, so that `bind` is to blame. */
const BIND_CODES: ReadonlySet<string> = new Set([
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENODEV",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/**
 * Connects, or rejects with an error of the family or the signal's reason, and
 * only when nothing of the attempt is left.
 */
export async function openConnection(
  runtime: Runtime,
  endpoint: Endpoint,
  options: OpenOptions,
): Promise<Connection> {
  const { family, abortive = false, local, closing, wait } = options;
  const { keepAliveIdle } = options;
  const deadline = new Deadline(
    runtime.clock,
    wait,
    closing,
    () => new Fault("ETIMEDOUT"),
  );
  const { signal } = deadline;
  try {
    const localAddress = local === undefined
      ? undefined
      : await unlessAborted(localOf(runtime, local, family), signal);
    demandZone(endpoint);
    demandSameFamily(endpoint, localAddress);
    const stream = await dial(runtime, {
      endpoint,
      family: lookupFamily(family),
      localAddress,
      abortive,
      keepAliveIdle,
      signal,
    });
    return new Connection(stream, runtime);
  } catch (error) {
    throw connectError(error, endpoint, local);
  } finally {
    deadline.dispose();
  }
}

/** The numeric local address; what fails is said to be its fault. */
async function localOf(
  runtime: Runtime,
  local: Endpoint,
  family: AddressFamily | undefined,
): Promise<Address> {
  try {
    demandZone(local);
    return await resolveLocal(runtime, local, family);
  } catch (error) {
    throw error instanceof Fault ? error.asLocal() : error;
  }
}

/** The runtimes say it in three ways, one of them that nobody listens. */
function demandSameFamily(
  endpoint: Endpoint,
  localAddress: Address | undefined,
): void {
  if (localAddress === undefined || !("family" in endpoint)) return;
  if (endpoint.family === localAddress.family) return;
  const reason = `the local address is ${localAddress.family}`;
  throw new Fault("EAFNOSUPPORT", undefined, reason);
}

function connectError(
  error: unknown,
  endpoint: Endpoint,
  local: Endpoint | undefined,
): unknown {
  if (!(error instanceof Fault)) return error;
  const { code } = error;
  const isLocal = local !== undefined &&
    (error.isLocal || code === "EADDRINUSE" || code === "EADDRNOTAVAIL");
  return isLocal
    ? errorOfFault(error, { op: "bind", address: local })
    : errorOfFault(error, { op: "connect", address: endpoint });
}

/** How to listen. */
export interface OpenListenerOptions extends EndpointOptions {
  /** The family of the socket. */
  readonly family: AddressFamily;
  /** How many connections may wait. */
  readonly backlog: number;
  /** Aborted with an error when the socket is closed meanwhile. */
  readonly closing: AbortSignal;
}

/** Listens, or rejects with an error of the family. */
export async function openListener(
  runtime: Runtime,
  endpoint: Endpoint,
  options: OpenListenerOptions,
): Promise<RawListener> {
  const { family, backlog, reusePort, ipv6Only, abortive } = options;
  const { keepAliveIdle, closing } = options;
  try {
    demandZone(endpoint);
    const resolving = localEndpoint(runtime, endpoint, family);
    const address = await unlessAborted(resolving, closing);
    return await runtime.listen({
      address,
      backlog,
      reusePort,
      ipv6Only,
      abortive,
      keepAliveIdle,
    });
  } catch (error) {
    throw listenError(error, endpoint);
  }
}

/** The error of a failed listen, which mostly is the bind's. */
export function listenError(error: unknown, endpoint: Endpoint): unknown {
  if (!(error instanceof Fault)) return error;
  const { code } = error;
  const op = BIND_CODES.has(code) || code.startsWith("EAI_")
    ? "bind"
    : "listen";
  return errorOfFault(error, { op, address: endpoint });
}

/** A name becomes its first address, unless only the name is permitted. */
async function localEndpoint(
  runtime: Runtime,
  endpoint: Endpoint,
  family: AddressFamily,
): Promise<Endpoint> {
  if ("family" in endpoint) return endpoint;
  const address = await resolveLocal(runtime, endpoint, family);
  return runtime.permits(address) ? address : endpoint;
}

async function resolveLocal(
  runtime: Runtime,
  endpoint: Endpoint,
  family: AddressFamily | undefined,
): Promise<Address> {
  if ("family" in endpoint) return endpoint;
  const { hostname, port } = endpoint;
  const [host] = await runtime.lookup(hostname, lookupFamily(family));
  if (host === undefined) throw new Fault("EAI_NONAME");
  return { ...host, port };
}

function lookupFamily(family: AddressFamily | undefined): 0 | 4 | 6 {
  if (family === AF_INET) return 4;
  return family === AF_INET6 ? 6 : 0;
}
