/**
 * Bun's own TLS sockets, which is what `native: true` is on Bun. Loaded with
 * its first use.
 *
 * @module
 */

import { toClientSettings, toServerSettings } from "../../../tls/options.ts";
import type {
  TlsClientOptions,
  TlsServerOptions,
} from "../../../tls_contracts.ts";
import { builtin } from "../../node/builtins.ts";
import { checkKey } from "../../node/tls/credentials.ts";
import type { CryptoModule } from "../../node/tls/native.ts";
import type { TlsRole, TlsRoles, TlsServerRole } from "../../seam/tls.ts";
import { BunTlsClient } from "./client.ts";
import { BunTlsServer } from "./server.ts";

/** Both roles. */
export class BunTlsRoles implements TlsRoles {
  client(options: TlsClientOptions, host: string | undefined): TlsRole {
    const settings = toClientSettings(options, host);
    const { credentials } = settings;
    const crypto = builtin<CryptoModule>("node:crypto");
    if (credentials !== undefined) checkKey(credentials, crypto);
    return new BunTlsClient(settings, crypto);
  }

  server(options: TlsServerOptions): TlsServerRole {
    const settings = toServerSettings(options);
    const crypto = builtin<CryptoModule>("node:crypto");
    checkKey(settings.credentials, crypto);
    return new BunTlsServer(settings, crypto);
  }
}
