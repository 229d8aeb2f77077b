/**
 * Whether a key is a certificate's. Asked at once, because Deno's engine takes
 * whatever it is given and fails with the first handshake.
 *
 * @module
 */

import type { TlsCredentials } from "../../seam/tls.ts";
import type { CryptoModule } from "./native.ts";

/**
 * Throws unless the key belongs to the leaf.
 *
 * @throws {TypeError} which shows nothing of the key or the passphrase.
 */
export function checkKey(
  { cert, key, passphrase }: TlsCredentials,
  crypto: CryptoModule,
): void {
  const options = passphrase === undefined ? { key } : { key, passphrase };
  const privateKey = orTypeError(
    "tls.key is no private key, or its passphrase is another",
    () => crypto.createPrivateKey(options),
  );
  const leaf = orTypeError(
    "tls.cert holds a certificate that is none",
    () => new crypto.X509Certificate(cert),
  );
  if (leaf.checkPrivateKey(privateKey)) return;
  throw new TypeError("tls.key is not the key of tls.cert");
}

function orTypeError<T>(text: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new TypeError(text, { cause });
  }
}
