/**
 * The way to the engine of TLS, which is loaded when first used.
 *
 * @module
 */

import { refuseNative } from "../seam/fault.ts";
import type { TlsEngine, TlsRoles } from "../seam/tls.ts";
import { nodeHost } from "./native.ts";

let engine: Promise<TlsEngine> | undefined;

/** The engine, one for a program. Rejects with a Fault `EOPNOTSUPP`. */
export function nodeTls(): Promise<TlsEngine> {
  return engine ??= load();
}

/**
 * Node's own TLS sockets. Rejects with a Fault `EOPNOTSUPP` on the other
 * runtimes, which have better ones, or lose more by theirs.
 */
export async function nodeNativeTls(): Promise<TlsRoles> {
  const { name, label } = nodeHost();
  if (name !== "node") refuseNative(`not over ${label}`);
  const { makeNativeEngine } = await import("./tls/engine.ts");
  return await makeNativeEngine();
}

async function load(): Promise<TlsEngine> {
  const { makeEngine } = await import("./tls/engine.ts");
  return await makeEngine();
}
