/**
 * Deno's own TLS sockets, which is what `native: true` is on Deno. Loaded with
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
import { Fault } from "../../seam/fault.ts";
import type {
  TlsClientSettings,
  TlsRole,
  TlsRoles,
  TlsServerRole,
  TlsServerSettings,
} from "../../seam/tls.ts";
import { DenoTlsClient } from "./client.ts";
import { DenoTlsServer } from "./server.ts";

/** Both roles. */
export class DenoTlsRoles implements TlsRoles {
  client(options: TlsClientOptions, host: string | undefined): TlsRole {
    const settings = toClientSettings(options, host);
    demandClient(settings);
    return new DenoTlsClient(settings);
  }

  server(options: TlsServerOptions): TlsServerRole {
    const settings = toServerSettings(options);
    demandServer(settings);
    checkKey(settings.credentials, builtin<CryptoModule>("node:crypto"));
    return new DenoTlsServer(settings);
  }
}

/** Throws a Fault for what Deno's clients cannot do. */
function demandClient(settings: TlsClientSettings): void {
  refuseEach({
    ca: settings.ca !== undefined && "Deno adds roots, and replaces none",
    pins: settings.pins !== undefined && NO_CERTIFICATE,
    cert: settings.credentials !== undefined &&
      "Deno.startTls shows no certificate",
    minVersion: settings.minVersion === "TLSv1.3" && NO_VERSION,
  });
}

/** Throws a Fault for what Deno's servers cannot do. */
function demandServer(settings: TlsServerSettings): void {
  refuseEach({
    sni: settings.sni !== undefined && "Deno has one identity a listener",
    requestCert: settings.requestCert !== false &&
      "Deno asks clients for no certificate",
    passphrase: settings.credentials.passphrase !== undefined &&
      "Deno opens no encrypted key",
    minVersion: settings.minVersion === "TLSv1.3" && NO_VERSION,
  });
}

const NO_CERTIFICATE = "Deno does not tell the peer's certificate";
const NO_VERSION = "Deno has no way to set the oldest version";

function refuseEach(reasons: Readonly<Record<string, string | false>>): void {
  for (const [name, reason] of Object.entries(reasons)) {
    if (reason === false) continue;
    const text = `tls.${name} with tls.native: ${reason}`;
    throw new Fault("EOPNOTSUPP", undefined, text);
  }
}
