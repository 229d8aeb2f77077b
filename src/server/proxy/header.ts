/**
 * What a header of the PROXY protocol says, and the numbers of its layout.
 *
 * @module
 */

import type { Address, Bytes } from "../../contracts.ts";
import { type SocketError, socketError } from "../../errors.ts";

/** A field of a version 2 header: its type, 0 to 255, and its bytes. */
export interface ProxyTlv {
  /** The number of the type; 0xe0 to 0xef are the program's own. */
  readonly type: number;
  /** The value, at most 65,535 bytes. */
  readonly value: Bytes;
}

/** What a TLS-terminating proxy says of its client. */
export interface ProxySsl {
  /** Whether the client came over TLS. */
  readonly isTls: boolean;
  /** Whether it showed a certificate on this very connection. */
  readonly hasCertificate: boolean;
  /** Whether it showed one in the TLS session, perhaps on another connection. */
  readonly hasSessionCertificate: boolean;
  /** Whether it showed a certificate that was verified. */
  readonly isVerified: boolean;
  /** The version of TLS, such as `"TLSv1.3"`. */
  readonly version?: string;
  /** The common name of the client's certificate. */
  readonly commonName?: string;
  /** The cipher. */
  readonly cipher?: string;
  /** The algorithm that signed the server's certificate. */
  readonly signatureAlgorithm?: string;
  /** The algorithm of the server's key. */
  readonly keyAlgorithm?: string;
}

/** What a header of the PROXY protocol says. */
export interface ProxyHeader {
  /** The version that was spoken: text is 1, binary is 2. */
  readonly version: 1 | 2;
  /** `"local"`: the proxy speaks for itself, such as to ask how we are. */
  readonly command: "proxy" | "local";
  /**
   * The client. Absent where the header does not say: `LOCAL`, `UNKNOWN`,
   * `UNSPEC`, and what is no stream.
   */
  readonly source?: Address;
  /** The address that the client connected to; absent as `source`. */
  readonly destination?: Address;
  /** The fields as they came, without padding and checksum. */
  readonly tlvs: readonly ProxyTlv[];
  /** The application protocol that was agreed on, such as `"h2"`. */
  readonly alpn?: string;
  /** The host name that the client asked for. */
  readonly authority?: string;
  /** The proxy's name for the connection, at most 128 bytes. */
  readonly uniqueId?: Bytes;
  /** What is known of the client's TLS. */
  readonly ssl?: ProxySsl;
}

/** Types of fields. */
export const TLV = {
  alpn: 1,
  authority: 2,
  crc32c: 3,
  noop: 4,
  uniqueId: 5,
  ssl: 0x20,
  sslVersion: 0x21,
  sslCommonName: 0x22,
  sslCipher: 0x23,
  sslSignatureAlgorithm: 0x24,
  sslKeyAlgorithm: 0x25,
} as const;

/** How a version 2 header begins: no protocol of text does. */
export const SIGNATURE: Bytes = Uint8Array.from([
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d],
  ...[0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
]);

/** How a version 1 header begins. */
export const TEXT_SIGNATURE: Bytes = new TextEncoder().encode("PROXY ");

/** The longest version 1 header, with its CR LF. */
export const MOST_TEXT_BYTES = 107;

/** What comes before the addresses of a version 2 header. */
export const FIXED_BYTES = 16;

/** The bytes of both addresses, by the family's number. */
export const ADDRESS_BYTES = [0, 12, 36, 216] as const;

/** What a Unix path has room for. */
export const UNIX_PATH_BYTES = 108;

/** The longest name of a connection. */
export const MOST_UNIQUE_ID_BYTES = 128;

/** The error of bytes that are no header. */
export function badHeader(reason: string): SocketError {
  return socketError("EPROTO", {
    op: "parseProxyHeader",
    reason: `PROXY header: ${reason}`,
  });
}
