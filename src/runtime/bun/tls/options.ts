/**
 * What Bun calls the settings of TLS.
 *
 * @module
 */

import { isAddress } from "../../../tls/identity.ts";
import type { TlsVersion } from "../../../tls_contracts.ts";
import type { TlsClientSettings, TlsServerSettings } from "../../seam/tls.ts";

/** A version as it goes over the wire. */
const NUMBERS: Readonly<Record<TlsVersion, number>> = {
  "TLSv1.2": 0x0303,
  "TLSv1.3": 0x0304,
};

/** Of a client. Its verdict on the peer is told, and judged by us. */
export function toBunClient(settings: TlsClientSettings): object {
  const { serverName = "" } = settings;
  return {
    ...shared(settings),
    ...settings.credentials,
    // An address is not sent; without a name Bun would send the host's.
    serverName: isAddress(serverName) ? "" : serverName,
    rejectUnauthorized: false,
  };
}

/** Of a listener. */
export function toBunServer(settings: TlsServerSettings): object {
  const { requestCert, credentials } = settings;
  return {
    ...shared(settings),
    ...credentials,
    requestCert: requestCert !== false,
    // Only so is a client told that its certificate is missing.
    rejectUnauthorized: requestCert === true,
  };
}

function shared(
  { ca, alpnProtocols, minVersion }: TlsClientSettings | TlsServerSettings,
): object {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(alpnProtocols === undefined
      ? {}
      : { ALPNProtocols: toWire(alpnProtocols) }),
    minVersion: NUMBERS[minVersion],
  };
}

/** The list of RFC 7301: each name behind its length. */
function toWire(protocols: readonly string[]): Uint8Array {
  const bytes = protocols.flatMap((name) => [
    name.length,
    ...new TextEncoder().encode(name),
  ]);
  return new Uint8Array(bytes);
}
