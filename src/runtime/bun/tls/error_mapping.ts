/**
 * What Bun's TLS sockets say of TLS → a fault.
 *
 * @module
 */

import { faultOfEngine } from "../../../tls/error_mapping.ts";
import type { Fault } from "../../seam/fault.ts";

/**
 * The fault of an error of BoringSSL's; `undefined` if it is of the connection
 * or of the program. `isUp`: the handshake was over.
 */
export function bunTlsFault(error: unknown, isUp: boolean): Fault | undefined {
  const { code = "", message = "" } = (error ?? {}) as {
    readonly code?: string;
    readonly message?: string;
  };
  // `error:1000042e:SSL routines:OPENSSL_internal:TLSV1_ALERT_…`
  const said = /SSL routines:[^:]*:(\w+)/.exec(message)?.[1];
  if (said === undefined) return undefined;
  if (!isUp && NO_TLS.test(said)) {
    return faultOfEngine({ code, message, cause: error }, {
      isUp,
      firstByte: 0,
    });
  }
  return faultOfEngine(
    { code: `ERR_SSL_${said}`, message, cause: error },
    { isUp },
  );
}

/** What a first byte that is no record's is told as. */
const NO_TLS = /^(WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST)$/;
