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
import { nodeFault } from "../error_mapping.ts";
import { Carrier } from "./carrier.ts";
import { TlsClient } from "./client.ts";
import { checkKey } from "./credentials.ts";
import { Direct } from "./direct.ts";
import { loadModules, type Modules } from "./native.ts";
import { TlsServing } from "./server.ts";
import type { MakeTransport } from "./transport.ts";

class NodeTlsEngine implements TlsEngine {
  readonly #modules: Modules;
  readonly #over: MakeTransport;

  constructor(modules: Modules, over: MakeTransport) {
    this.#modules = modules;
    this.#over = over;
  }

  client(options: TlsClientOptions, host: string | undefined): TlsRole {
    const settings = toClientSettings(options, host);
    const { credentials } = settings;
    if (credentials !== undefined) checkKey(credentials, this.#modules.crypto);
    return new TlsClient(settings, this.#modules, this.#over);
  }

  server(options: TlsServerOptions): TlsServerRole {
    const settings = toServerSettings(options);
    return new TlsServing(settings, this.#modules, this.#over);
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
 * The engine, over whatever raw stream.
 *
 * @throws {Fault} `EOPNOTSUPP` where the host has no `node:tls`.
 */
export async function makeEngine(): Promise<TlsEngine> {
  const modules = await loadModules();
  return new NodeTlsEngine(modules, (under) => new Carrier(under, modules));
}

/** The engine on the sockets of `node:net` themselves. */
export async function makeNativeEngine(): Promise<TlsEngine> {
  const modules = await loadModules();
  return new NodeTlsEngine(modules, (under) => new Direct(under));
}
