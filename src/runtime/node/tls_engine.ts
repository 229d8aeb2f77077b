/**
 * The way to the engine of TLS, which is loaded when first used.
 *
 * @module
 */

import type { TlsEngine } from "../seam/tls.ts";

let engine: Promise<TlsEngine> | undefined;

/** The engine, one for a program. Rejects with a Fault `EOPNOTSUPP`. */
export function nodeTls(): Promise<TlsEngine> {
  return engine ??= load();
}

async function load(): Promise<TlsEngine> {
  const { makeEngine } = await import("./tls/engine.ts");
  return await makeEngine();
}
