/**
 * What programs say of TLS, checked before any I/O and made one shape. What
 * needs the runtime (whether a key is the certificate's) its engine checks.
 *
 * @module
 */

import { show } from "../address.ts";
import type { BytesLike } from "../contracts.ts";
import { checkOptions, isPlain } from "../deadline.ts";
import type {
  TlsClientSettings,
  TlsCredentials,
  TlsServerSettings,
} from "../runtime/seam/tls.ts";
import type {
  TlsClientOptions,
  TlsIdentity,
  TlsServerOptions,
  TlsVersion,
} from "../tls_contracts.ts";
import { isAddress } from "./identity.ts";
import { certificatesOf, pemText } from "./pem.ts";

const SHARED = ["alpnProtocols", "minVersion", "pins", "native", "ca"];
const IDENTITY = ["cert", "key", "passphrase"];
const CLIENT = ["serverName", ...IDENTITY, ...SHARED];
const SERVER = [
  ...IDENTITY,
  "sni",
  "requestCert",
  "handshakeTimeoutMs",
  ...SHARED,
];

/** How long a handshake may take by default, in milliseconds. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** 32 bytes as base64. */
const PIN = /^[A-Za-z0-9+/]{43}=$/;

/** ALPN counts the bytes of a name in one byte. */
const MAX_PROTOCOL_BYTES = 255;

/** And all of their names, each with its byte, in two. */
const MAX_PROTOCOLS_BYTES = 65_535;

/**
 * The settings of a client; `host` is whom it was told to connect to.
 *
 * @throws {TypeError} | {RangeError} for what cannot be.
 */
export function toClientSettings(
  options: TlsClientOptions,
  host: string | undefined,
): TlsClientSettings {
  checkNames(options, CLIENT);
  const { serverName = host } = options;
  const ca = toRoots(options.ca);
  const pins = toPins(options.pins);
  const isPinnedAlone = pins !== undefined && ca === undefined;
  if (serverName === undefined && !isPinnedAlone) {
    throw new TypeError(
      "tls.serverName is missing: the peer has no name to be verified by",
    );
  }
  return {
    serverName: serverName === undefined ? undefined : toName(serverName),
    ca,
    credentials: toOptionalCredentials(options),
    alpnProtocols: toProtocols(options.alpnProtocols),
    minVersion: toVersion(options.minVersion),
    pins,
    isNative: toNative(options.native),
  };
}

/**
 * The settings of a server.
 *
 * @throws {TypeError} | {RangeError} for what cannot be.
 */
export function toServerSettings(options: TlsServerOptions): TlsServerSettings {
  checkNames(options, SERVER);
  const { requestCert = false, sni } = options;
  if (typeof requestCert !== "boolean" && requestCert !== "optional") {
    const shown = show(requestCert);
    throw new TypeError(
      `tls.requestCert is true, false or "optional": ${shown}`,
    );
  }
  if (sni !== undefined && typeof sni !== "function") {
    throw new TypeError(`tls.sni must be a function, not ${typeof sni}`);
  }
  const ca = toRoots(options.ca);
  const pins = toPins(options.pins);
  checkTogether(requestCert !== false, ca, pins);
  return {
    credentials: toCredentials(options),
    sni,
    requestCert,
    ca,
    alpnProtocols: toProtocols(options.alpnProtocols),
    minVersion: toVersion(options.minVersion),
    pins,
    handshakeTimeoutMs: toHandshakeTimeout(options.handshakeTimeoutMs),
    isNative: toNative(options.native),
  };
}

/**
 * The certificate and key of an identity.
 *
 * @throws {TypeError} if one of them is missing or none.
 */
export function toCredentials(identity: TlsIdentity): TlsCredentials {
  const { cert, key, passphrase } = identity;
  for (const [name, value] of Object.entries({ cert, key })) {
    if (value === undefined) throw new TypeError(`tls.${name} is missing`);
  }
  if (passphrase !== undefined && typeof passphrase !== "string") {
    // Not shown: it may be a secret all the same.
    throw new TypeError("tls.passphrase must be a string");
  }
  return {
    cert: certificatesOf(toPem(cert, "tls.cert"), "tls.cert").join("\n"),
    key: toPem(key, "tls.key"),
    passphrase,
  };
}

/**
 * An identity, and nothing else.
 *
 * @throws {TypeError} if it is none.
 */
export function toIdentity(identity: TlsIdentity): TlsCredentials {
  checkNames(identity, IDENTITY);
  return toCredentials(identity);
}

/** What is no object of options is not shown: it may be a key. */
function checkNames(options: unknown, known: readonly string[]): void {
  if (isPlain(options)) return checkOptions(options, known);
  const text = "Options of TLS must be a plain object, such as";
  throw new TypeError(`${text} { ${known[0]}: … }`);
}

function toOptionalCredentials(
  options: Partial<TlsIdentity>,
): TlsCredentials | undefined {
  const isNone = IDENTITY.every((name) =>
    options[name as keyof TlsIdentity] === undefined
  );
  return isNone ? undefined : toCredentials(options as TlsIdentity);
}

function toNative(native: unknown): boolean {
  if (native === undefined || typeof native === "boolean") return !!native;
  throw new TypeError(`tls.native must be true or false: ${show(native)}`);
}

/** What is checked against roots needs roots, and nothing is ignored. */
function checkTogether(isAsked: boolean, ca: unknown, pins: unknown): void {
  if (isAsked && ca === undefined) {
    throw new TypeError("tls.ca is missing: requestCert needs it");
  }
  if (isAsked) return;
  for (const [name, value] of Object.entries({ ca, pins })) {
    if (value === undefined) continue;
    throw new TypeError(`tls.${name} of a server is for tls.requestCert`);
  }
}

function toRoots(ca: TlsServerOptions["ca"]): readonly string[] | undefined {
  if (ca === undefined) return undefined;
  const all = Array.isArray(ca) ? ca as readonly BytesLike[] : [ca];
  // Some engines take no roots for their own roots.
  if (all.length === 0) throw new TypeError("tls.ca must not be empty");
  return all.flatMap((each) =>
    certificatesOf(toPem(each as BytesLike, "tls.ca"), "tls.ca")
  );
}

function toPem(value: BytesLike, name: string): string {
  try {
    return pemText(value);
  } catch {
    // Not shown: it may be a key.
    throw new TypeError(`${name} must be PEM, as a string or bytes`);
  }
}

function toPins(pins: unknown): readonly string[] | undefined {
  if (pins === undefined) return undefined;
  const isList = Array.isArray(pins) && pins.length > 0;
  if (isList && pins.every((pin) => typeof pin === "string" && PIN.test(pin))) {
    return [...pins];
  }
  throw new TypeError(
    `tls.pins are SHA-256 hashes in base64, one at least: ${show(pins)}`,
  );
}

function toProtocols(protocols: unknown): readonly string[] | undefined {
  if (protocols === undefined) return undefined;
  if (Array.isArray(protocols) && protocols.every(isProtocol)) {
    checkFit(protocols);
    return protocols.length === 0 ? undefined : [...protocols];
  }
  throw new TypeError(
    `tls.alpnProtocols are names of 1 to ${MAX_PROTOCOL_BYTES} ASCII ` +
      `characters: ${show(protocols)}`,
  );
}

function checkFit(protocols: readonly string[]): void {
  const size = protocols.reduce((sum, { length }) => sum + 1 + length, 0);
  if (size <= MAX_PROTOCOLS_BYTES) return;
  throw new TypeError(
    `tls.alpnProtocols take ${size} bytes, and may take ${MAX_PROTOCOLS_BYTES}`,
  );
}

function isProtocol(protocol: unknown): boolean {
  return typeof protocol === "string" && /^[\x21-\x7e]+$/.test(protocol) &&
    protocol.length <= MAX_PROTOCOL_BYTES;
}

function toVersion(version: unknown): TlsVersion {
  if (version === undefined) return "TLSv1.2";
  if (version === "TLSv1.2" || version === "TLSv1.3") return version;
  throw new TypeError(
    `tls.minVersion is "TLSv1.2" or "TLSv1.3": ${show(version)}`,
  );
}

function toHandshakeTimeout(timeoutMs: unknown): number {
  if (timeoutMs === undefined) return HANDSHAKE_TIMEOUT_MS;
  if (typeof timeoutMs !== "number") {
    const shown = show(timeoutMs);
    throw new TypeError(`tls.handshakeTimeoutMs must be a number: ${shown}`);
  }
  if (timeoutMs > 0) return timeoutMs;
  throw new RangeError(`tls.handshakeTimeoutMs must be above 0: ${timeoutMs}`);
}

/** A name as it goes over the wire: ASCII, without the dot at its end. */
function toName(name: unknown): string {
  if (typeof name !== "string") {
    throw new TypeError(`tls.serverName must be a string: ${show(name)}`);
  }
  const ascii = isAddress(name) ? name : toAscii(name).replace(/\.$/, "");
  if (isAddress(ascii) || isHostName(ascii)) return ascii;
  throw new TypeError(`tls.serverName is no host name: ${show(name)}`);
}

function isHostName(name: string): boolean {
  return name.length <= 253 &&
    name.split(".").every((label) => /^[\w-]{1,63}$/.test(label));
}

/** Names in other letters than ASCII have a form in ASCII (RFC 5891). */
function toAscii(name: string): string {
  if (/^\p{ASCII}*$/u.test(name)) return name.toLowerCase();
  // A URL would take "ü@a.example" for a.example, and decode "%".
  if (!/^[\w.\-\P{ASCII}]+$/u.test(name)) return name;
  try {
    return new URL(`http://${name}`).hostname;
  } catch {
    return name;
  }
}
