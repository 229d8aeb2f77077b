/**
 * TLS as the command line asks for it.
 *
 * @module
 */

import type { TlsClientOptions, TlsInfo, TlsServerOptions } from "../mod.ts";
import type { Given, Options } from "./command.ts";
import { UsageError } from "./exit.ts";
import { file } from "./values.ts";

/** The options of a client. */
export const CLIENT_TLS: Options = {
  tls: { help: "speak TLS; the host is verified, always" },
  ca: { value: "FILE", help: "trusted roots as PEM, instead of the runtime's" },
  "server-name": {
    value: "NAME",
    help: "whom the certificate must name (the host)",
  },
  alpn: { value: "NAMES", help: "protocols offered, best first: h2,http/1.1" },
  cert: { value: "FILE", help: "our certificate as PEM, with --key" },
  key: { value: "FILE", help: "its private key as PEM" },
};

/** The options of a server. */
export const SERVER_TLS: Options = {
  cert: {
    value: "FILE",
    help: "speak TLS with this certificate (PEM), and --key",
  },
  key: { value: "FILE", help: "its private key as PEM" },
};

/**
 * How a client speaks TLS.
 *
 * @throws {UsageError}
 */
export async function clientTls(given: Given): Promise<TlsClientOptions> {
  const ca = await file(given, "ca");
  const serverName = given.text("server-name");
  const alpn = given.text("alpn");
  return {
    ...await identity(given),
    ...ca === undefined ? {} : { ca },
    ...serverName === undefined ? {} : { serverName },
    ...alpn === undefined ? {} : { alpnProtocols: alpn.split(",") },
  };
}

/**
 * How a server speaks TLS, if it does.
 *
 * @throws {UsageError}
 */
export function serverTls(given: Given): Promise<TlsServerOptions | undefined> {
  return identity(given);
}

async function identity(
  given: Given,
): Promise<{ cert: Uint8Array; key: Uint8Array } | undefined> {
  const cert = await file(given, "cert");
  const key = await file(given, "key");
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new UsageError("--cert and --key go together");
}

/**
 * Complains about options of TLS where there is none.
 *
 * @throws {UsageError}
 */
export function demandTls(given: Given): void {
  if (given.flag("tls") || given.text("starttls") !== undefined) return;
  const [name] = ["ca", "server-name", "alpn", "cert", "key"]
    .filter((each) => given.text(each) !== undefined);
  if (name !== undefined) throw new UsageError(`--${name} goes with --tls`);
}

/** What was agreed on, in one line. */
export function tlsText(info: TlsInfo): string {
  const { protocol, cipher, alpnProtocol, peerCertificate } = info;
  return [
    protocol ?? "TLS",
    cipher,
    alpnProtocol,
    peerCertificate && `with ${peerCertificate.subject}`,
  ].filter(Boolean).join(", ");
}
