/**
 * Reading a header of the PROXY protocol: strictly, and whatever way the bytes
 * are cut.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Address, InetAddress } from "../../contracts.ts";
import { checkOptions } from "../../deadline.ts";
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../../ip.ts";
import {
  ADDRESS_BYTES,
  badHeader,
  FIXED_BYTES,
  MOST_TEXT_BYTES,
  type ProxyHeader,
  SIGNATURE,
  TEXT_SIGNATURE,
  UNIX_PATH_BYTES,
} from "./header.ts";
import { proveSkipped, readFields } from "./tlvs.ts";

/** The default of `maxLength`. */
const DEFAULT_MOST_BYTES = 4096;

/** A header, and where what follows it begins. */
export interface ParsedProxyHeader {
  /** What the header says. */
  readonly header: ProxyHeader;
  /** How many bytes it took. */
  readonly length: number;
}

/** How {@linkcode parseProxyHeader} reads. */
export interface ParseProxyOptions {
  /**
   * How many bytes a header of version 2 may have; default 4,096. One of
   * version 1 has 107 at most.
   */
  readonly maxLength?: number;
}

/**
 * Reads a header of the PROXY protocol, version 1 or 2, from the beginning of
 * `bytes`. Bytes that no header begins with are refused as soon as that shows;
 * of an incomplete one no address is looked at. Nothing of `bytes` is kept.
 *
 * Whom to believe is another question: anyone can write one.
 *
 * @returns `undefined` while more bytes are needed
 * @throws {SocketError} `EPROTO` for whatever the specification does not
 *   allow, a wrong checksum, and a header longer than `maxLength`.
 *
 * @example
 * ```ts
 * import { parseProxyHeader } from "@anysock/anysock/server";
 *
 * const bytes = new TextEncoder().encode(
 *   "PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\nhello",
 * );
 * const parsed = parseProxyHeader(bytes);
 * console.log(parsed?.header.source); // 192.0.2.1, port 40000
 * console.log(bytes.subarray(parsed?.length)); // hello
 * ```
 */
export function parseProxyHeader(
  bytes: Uint8Array,
  options: ParseProxyOptions = {},
): ParsedProxyHeader | undefined {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`A header is read from a Uint8Array: ${show(bytes)}`);
  }
  checkOptions(options, ["maxLength"]);
  const most = checkMaxLength(options.maxLength);
  if (startsAs(bytes, SIGNATURE)) return parseBinary(bytes, most);
  if (startsAs(bytes, TEXT_SIGNATURE)) return parseText(bytes);
  throw badHeader("there is none");
}

/** Whether the bytes, as far as there are any, are those of a header. */
export function beginsAsHeader(bytes: Uint8Array): boolean {
  return startsAs(bytes, SIGNATURE) || startsAs(bytes, TEXT_SIGNATURE);
}

/**
 * A bound on headers.
 *
 * @throws {TypeError} | {RangeError}
 */
export function checkMaxLength(value: unknown = DEFAULT_MOST_BYTES): number {
  if (typeof value !== "number") {
    throw new TypeError(`maxLength must be a number: ${show(value)}`);
  }
  const most = FIXED_BYTES + 0xffff;
  if (Number.isInteger(value) && value >= FIXED_BYTES && value <= most) {
    return value;
  }
  throw new RangeError(`maxLength is ${FIXED_BYTES} to ${most}: ${value}`);
}

/** Whether the bytes begin so, as far as there are any. */
function startsAs(bytes: Uint8Array, signature: Uint8Array): boolean {
  const size = Math.min(bytes.length, signature.length);
  for (let at = 0; at < size; at++) {
    if (bytes[at] !== signature[at]) return false;
  }
  return true;
}

// ---- version 1

const LINE =
  /^PROXY TCP([46]) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})$/;

function parseText(bytes: Uint8Array): ParsedProxyHeader | undefined {
  const end = bytes.subarray(0, MOST_TEXT_BYTES).indexOf(0x0a);
  if (end < 0) {
    if (bytes.length < MOST_TEXT_BYTES) return undefined;
    throw badHeader(`a line of more than ${MOST_TEXT_BYTES} bytes`);
  }
  if (bytes[end - 1] !== 0x0d) throw badHeader("a line without CR LF");
  const line = String.fromCharCode(...bytes.subarray(0, end - 1));
  const header: ProxyHeader = {
    version: 1,
    command: "proxy",
    ...endsOfLine(line),
    tlvs: [],
  };
  return { header, length: end + 1 };
}

type Ends = Pick<ProxyHeader, "destination" | "source">;

function endsOfLine(line: string): Ends {
  // What follows is to be ignored, whatever it is.
  if (/^PROXY UNKNOWN(?: [^\r]*)?$/.test(line)) return {};
  const match = LINE.exec(line);
  if (match === null) throw badHeader("a malformed line");
  const [, family, source = "", destination = "", from, to] = match;
  const read = family === "4" ? readIPv4 : readIPv6;
  return {
    source: read(source, readPort(from)),
    destination: read(destination, readPort(to)),
  };
}

function readPort(text: unknown): number {
  const port = Number(text);
  if (port > 0xffff) throw badHeader("a port above 65535");
  return port;
}

function readIPv4(text: string, port: number): InetAddress {
  const bytes = parseIPv4(text);
  if (bytes === undefined) throw badHeader("a malformed IPv4 address");
  return { family: "ipv4", hostname: formatIPv4(bytes), port };
}

function readIPv6(text: string, port: number): InetAddress {
  const bytes = parseIPv6(text);
  if (bytes === undefined) throw badHeader("a malformed IPv6 address");
  return { family: "ipv6", hostname: formatIPv6(bytes), port };
}

// ---- version 2

const LOCAL = 0;
const STREAM = 1;
const INET = 1;
const UNIX = 3;

function parseBinary(
  bytes: Uint8Array,
  most: number,
): ParsedProxyHeader | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const [first = 0, second = 0, high = 0, low = 0] = bytes.subarray(
    SIGNATURE.length,
    FIXED_BYTES,
  );
  const command = first & 15;
  if (first >> 4 !== 2 || command > 1) {
    throw badHeader("an unknown version or command");
  }
  const [family, protocol] = [second >> 4, second & 15];
  const isKnown = family <= UNIX && protocol <= 2;
  // Of LOCAL the family is to be ignored, too.
  if (!isKnown && command !== LOCAL) {
    throw badHeader("an unknown family or protocol");
  }
  const length = FIXED_BYTES + (high << 8 | low);
  if (length > most) throw badHeader(`more than ${most} bytes`);
  if (bytes.length < length) return undefined;
  const whole = bytes.subarray(0, length);
  if (command === LOCAL) return { header: readLocal(whole, family), length };
  const fieldsAt = FIXED_BYTES + (ADDRESS_BYTES[family] as number);
  if (fieldsAt > length) throw badHeader("the addresses are cut short");
  const fields = readFields(whole, fieldsAt);
  const ends = protocol === STREAM ? endsOf(whole, family) : {};
  return {
    header: { version: 2, command: "proxy", ...ends, ...fields },
    length,
  };
}

/**
 * What follows LOCAL is to be skipped, whatever it is; but if it has a
 * checksum, a flipped bit must not make the proxy's own connection of a
 * client's.
 */
function readLocal(header: Uint8Array, family: number): ProxyHeader {
  proveSkipped(header, FIXED_BYTES + (ADDRESS_BYTES[family] ?? 0));
  return { version: 2, command: "local", tlvs: [] };
}

/** The addresses of a whole header of a stream. */
function endsOf(header: Uint8Array, family: number): Ends {
  if (family === 0) return {};
  const body = header.subarray(FIXED_BYTES);
  if (family === UNIX) {
    return {
      source: unixAt(body, 0),
      destination: unixAt(body, UNIX_PATH_BYTES),
    };
  }
  const size = family === INET ? 4 : 16;
  const host = (at: number) => body.subarray(at, at + size);
  const port = (at: number) => (body[at] as number) << 8 | body[at + 1]!;
  return {
    source: inetOf(host(0), port(2 * size)),
    destination: inetOf(host(size), port(2 * size + 2)),
  };
}

function inetOf(host: Uint8Array, port: number): InetAddress {
  return host.length === 4
    ? { family: "ipv4", hostname: formatIPv4(host), port }
    : { family: "ipv6", hostname: formatIPv6(host), port };
}

/** A path ends at its first NUL; an abstract name begins with one. */
function unixAt(body: Uint8Array, at: number): Address {
  const field = body.subarray(at, at + UNIX_PATH_BYTES);
  const end = field.indexOf(0, 1);
  const name = end < 0 ? field : field.subarray(0, end);
  const path = new TextDecoder().decode(name);
  return { family: "unix", path: path === "\0" ? "" : path };
}
