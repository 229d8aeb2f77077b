/**
 * How sockets come to TLS: the engine of their runtime, with what the program
 * said.
 *
 * @module
 */

import { show } from "../address.ts";
import { toBytes } from "../bytes.ts";
import { checkOptions, isPlain } from "../deadline.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import { toError } from "../runtime/seam/error_mapping.ts";
import { Fault, refuseNative } from "../runtime/seam/fault.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { TlsEngine, TlsRole, TlsRoles } from "../runtime/seam/tls.ts";
import type { TlsClientOptions, TlsServerOptions } from "../tls_contracts.ts";
import type { ListenerTls } from "./stream/handshakes.ts";
import type { TlsStart } from "./stream/start_tls.ts";

/**
 * A client's role; `host` is whom it was told to connect to. Nothing has been
 * sent when it rejects.
 *
 * @throws {TypeError} for what cannot be.
 * @throws {SocketError} `EOPNOTSUPP` where there is no TLS.
 */
export function clientRole(
  op: string,
  runtime: Runtime,
  options: true | TlsClientOptions,
  host: string | undefined,
): Promise<TlsRole> {
  return orError(op, async () => {
    const given = options === true ? {} : snapshot(options);
    return (await rolesOf(runtime, given)).client(given, host);
  });
}

/**
 * A server's role, and how long its handshakes may take.
 *
 * @throws as `clientRole`
 */
export function serverRole(
  op: string,
  runtime: Runtime,
  options: TlsServerOptions,
): Promise<Omit<ListenerTls, "onError">> {
  return orError(op, async () => {
    const given = snapshot(options);
    const role = (await rolesOf(runtime, given)).server(given);
    return { role, handshakeTimeoutMs: role.handshakeTimeoutMs };
  });
}

/**
 * Options as they are now: they are checked once the engine is loaded, and
 * what the program does with them meanwhile is no matter. What is no object of
 * options is left for that check.
 */
function snapshot<T extends object>(options: T): T {
  if (!isPlain(options)) return options;
  const entries = Object.entries(options);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, copyOf(value)]),
  ) as T;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  return isBytes(value) ? toBytes(value).slice() : value;
}

function isBytes(value: unknown): value is ArrayBufferLike | ArrayBufferView {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** What `startTls` takes: a client's options, or a server's with its role. */
export type StartTlsOptions =
  | TlsClientOptions
  | (TlsServerOptions & { readonly role: "server" });

/**
 * The role to begin in mid-stream; `host` is whom the socket was connected to.
 *
 * @throws as `clientRole`
 */
export async function chooseStart(
  runtime: Runtime,
  options: StartTlsOptions,
  host: string | undefined,
): Promise<TlsStart> {
  const op = "startTls";
  if (!isOfServer(options)) {
    const role = await clientRole(op, runtime, options, host);
    return { role, isServer: false, handshakeTimeoutMs: null };
  }
  const { role: _, ...rest } = options;
  return { ...await serverRole(op, runtime, rest), isServer: true };
}

function isOfServer(
  options: StartTlsOptions,
): options is TlsServerOptions & { role: "server" } {
  const { role } = (options ?? {}) as { readonly role?: unknown };
  if (role === undefined || role === "server") return role !== undefined;
  throw new TypeError(`tls.role is "server" or left out: ${show(role)}`);
}

/**
 * The root certificates that the system trusts, as PEM: for the option `ca`,
 * where the runtime's own are not the ones wanted.
 *
 * @throws {SocketError} `EOPNOTSUPP` where the runtime does not tell them:
 *   `capabilities().systemCertificates`; `EPERM` on Deno without
 *   `--allow-sys=ca`.
 *
 * @example
 * ```ts
 * import { capabilities, systemCertificates } from "@anysock/anysock";
 *
 * if (capabilities().systemCertificates === true) {
 *   console.log((await systemCertificates()).length);
 * }
 * ```
 */
export function systemCertificates(
  options: { readonly runtime?: Runtime } = {},
): Promise<string[]> {
  return orError("systemCertificates", async () => {
    checkOptions(options, ["runtime"]);
    const runtime = chosenRuntime(options.runtime);
    return (await engineOf(runtime)).systemCertificates();
  });
}

/** The engine, or the runtime's own sockets where they were asked for. */
function rolesOf(
  runtime: Runtime,
  options: TlsClientOptions | TlsServerOptions,
): Promise<TlsRoles> {
  if (options?.native !== true) return engineOf(runtime);
  if (runtime.nativeTls !== undefined) return runtime.nativeTls();
  return refuseNative(String(runtime.supports.tlsNative));
}

function engineOf(runtime: Runtime): Promise<TlsEngine> {
  if (runtime.tls !== undefined) return runtime.tls();
  const reason = `the runtime ${runtime.name} has no TLS`;
  throw new Fault("EOPNOTSUPP", undefined, reason);
}

async function orError<T>(op: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw toError(error, { op });
  }
}
