/**
 * TLS by `node:tls`: Node's own, and those of Deno and Bun. Loaded with the
 * first use of TLS, so that a program without it pays nothing.
 *
 * @module
 */

import { Fault } from "../../seam/fault.ts";
import type { TlsEngine, TlsRole, TlsServerRole } from "../../seam/tls.ts";
import { toClientSettings, toServerSettings } from "../../../tls/options.ts";
import type {
  TlsClientOptions,
  TlsServerOptions,
} from "../../../tls_contracts.ts";
import { nodeFault } from "../faults.ts";
import { TlsClient } from "./client.ts";
import { checkKey } from "./credentials.ts";
import { loadModules, type Modules } from "./native.ts";
import { TlsServing } from "./server.ts";

class NodeTlsEngine implements TlsEngine {
  readonly #modules: Modules;

  constructor(modules: Modules) {
    this.#modules = modules;
  }

  client(options: TlsClientOptions, host: string | undefined): TlsRole {
    const settings = toClientSettings(options, host);
    const { credentials } = settings;
    if (credentials !== undefined) checkKey(credentials, this.#modules.crypto);
    return new TlsClient(settings, this.#modules);
  }

  server(options: TlsServerOptions): TlsServerRole {
    return new TlsServing(toServerSettings(options), this.#modules);
  }

  systemCertificates(): string[] {
    const { tls } = this.#modules;
    if (tls.getCACertificates !== undefined) {
      try {
        return tls.getCACertificates("system");
      } catch (error) {
        throw nodeFault(error); // Deno asks for a permission
      }
    }
    const reason = "node:tls of this version does not tell the system's roots";
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }
}

/**
 * The engine.
 *
 * @throws {Fault} `EOPNOTSUPP` where the host has no `node:tls`.
 */
export async function makeEngine(): Promise<TlsEngine> {
  return new NodeTlsEngine(await loadModules());
}
