/**
 * Socket addresses: what callers may write, checked and made one shape before
 * any I/O.
 *
 * @module
 */

import type {
  Address,
  AddressLike,
  HostAndPort,
  InetAddress,
  UnixAddress,
} from "./contracts.ts";
import { formatIPv6, parseIPv4, parseIPv6 } from "./ip.ts";

/**
 * The longest Unix path, in bytes: `sun_path` of `struct sockaddr_un` holds
 * 108 with its closing NUL on Linux.
 */
export const MAX_UNIX_PATH_BYTES = 107;

/** The longest abstract name, in bytes: its NUL comes first. */
const MAX_ABSTRACT_NAME_BYTES = 108;

/** A checked address whose host may still be a name. */
export type Endpoint = Address | HostAndPort;

/** Which kind of address a socket takes. */
export type FamilyName = "inet" | "unix" | "any";

/**
 * The address that a text stands for: `"host:port"`, `"[v6]:port"`,
 * `"unix:/path"`, or `"unix:@name"` for an abstract name. The host may be a
 * name, in which case the result has no `family`; an empty host is the IPv4
 * wildcard.
 *
 * @throws {TypeError} if the text has no port or is no such form.
 * @throws {RangeError} if the port is not 0 to 65,535 or the path too long.
 *
 * @example
 * ```ts
 * import { parseAddress } from "@anysock/anysock";
 *
 * parseAddress("[::1]:80"); // { family: "ipv6", hostname: "::1", port: 80 }
 * parseAddress("db.internal:5432"); // { hostname: "db.internal", port: 5432 }
 * ```
 */
export function parseAddress(text: string): Address | HostAndPort {
  if (typeof text !== "string") {
    throw new TypeError(`An address text must be a string: ${show(text)}`);
  }
  if (text.startsWith("unix:@")) return unixAddress(`\0${text.slice(6)}`);
  if (text.startsWith("unix:")) return unixAddress(text.slice(5));
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]+)$/.exec(text);
  if (match === null) throw new TypeError(whyNoAddress(text));
  const [, bracketed, plain = "", port] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw new TypeError(`Not an IPv6 address in brackets: ${show(text)}`);
  }
  return hostAndPort(bracketed ?? plain, Number(port));
}

/** What is wrong with a text, and how it would be right. */
function whyNoAddress(text: string): string {
  const [, afterScheme] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text) ?? [];
  if (afterScheme !== undefined) {
    const host = afterScheme || "host:port";
    return `An address has no scheme: ${show(host)}, not ${show(text)}`;
  }
  if (/:.*:/.test(text) && !text.startsWith("[")) {
    return `An IPv6 address stands in brackets, such as "[::1]:80": ` +
      show(text);
  }
  if (/^\d+$/.test(text)) {
    return `An address needs a host, such as ${show(`127.0.0.1:${text}`)}: ` +
      show(text);
  }
  if (/^[\w.-]+$/.test(text)) {
    return `An address needs a port, such as ${show(`${text}:80`)}: ` +
      show(text);
  }
  return `An address is "host:port", "[v6]:port" or "unix:/path": ${
    show(text)
  }`;
}

/** What is wrong with what is no address at all, and how it would be right. */
function notAnAddress(value: unknown): TypeError {
  const forms = typeof value === "object" && value !== null && "host" in value
    ? "{ hostname, port }; its host is called hostname"
    : '"host:port", [host, port], { hostname, port } or { path }';
  return new TypeError(`An address is ${forms}: ${show(value)}`);
}

/**
 * Options of a call that takes one address, which may have been given as two
 * arguments.
 *
 * @throws {TypeError} if it was.
 */
export function checkOneAddress(address: unknown, options: unknown): void {
  if (typeof options !== "number" && typeof options !== "string") return;
  const host = typeof address === "string" ? address : "host";
  throw new TypeError(
    `An address is one argument, such as ${show(`${host}:${options}`)}: ` +
      `${show(address)}, ${show(options)}`,
  );
}

/**
 * The text of an address, as {@linkcode parseAddress} reads it.
 *
 * @throws {TypeError} if it is no address.
 *
 * @example
 * ```ts
 * import { formatAddress } from "@anysock/anysock";
 *
 * formatAddress({ family: "ipv6", hostname: "::1", port: 80 }); // "[::1]:80"
 * ```
 */
export function formatAddress(address: Address | HostAndPort): string {
  if (typeof address !== "object" || address === null) {
    throw new TypeError(`Not an address: ${show(address)}`);
  }
  if ("path" in address) {
    const { path } = address;
    if (path.startsWith("@")) return `unix:./${path}`; // no abstract name
    return `unix:${path.replace(/^\0/, "@")}`;
  }
  const { hostname, port } = address;
  const zone = "scopeId" in address && address.scopeId !== undefined
    ? `%${address.scopeId}`
    : "";
  return hostname.includes(":")
    ? `[${hostname}${zone}]:${port}`
    : `${hostname}:${port}`;
}

/**
 * The checked endpoint of what a caller wrote, for a socket of a family. For
 * `"unix"` a plain string is a path, else it is read by `parseAddress`.
 */
export function toEndpoint(value: AddressLike, family: FamilyName): Endpoint {
  const endpoint = readEndpoint(value, family);
  const isUnix = "path" in endpoint;
  if (family !== "any" && isUnix !== (family === "unix")) {
    throw new TypeError(
      `${isUnix ? "A Unix" : "An Internet"} address does not fit a socket of ` +
        `family ${family}: ${show(value)}`,
    );
  }
  return endpoint;
}

function readEndpoint(value: AddressLike, family: FamilyName): Endpoint {
  if (typeof value === "string") {
    return family === "unix" ? unixAddress(value) : parseAddress(value);
  }
  if (Array.isArray(value)) {
    if (value.length !== 2) {
      throw new TypeError(`An address pair is [host, port]: ${show(value)}`);
    }
    return hostAndPort(value[0], value[1]);
  }
  if (typeof value !== "object" || value === null) throw notAnAddress(value);
  if ("path" in value) {
    if (!("family" in value) || value.family === "unix") {
      return unixAddress(value.path);
    }
    throw new TypeError(`Not an address of one family: ${show(value)}`);
  }
  if ("hostname" in value) return inetEndpoint(value as HostAndPort);
  throw notAnAddress(value);
}

function inetEndpoint(value: HostAndPort | InetAddress): Endpoint {
  const endpoint = hostAndPort(value.hostname, value.port);
  const told = "family" in value ? value.family : undefined;
  if (told === undefined) return endpoint;
  const found = "family" in endpoint ? endpoint.family : undefined;
  if (told !== found) {
    throw new TypeError(`Not an address of family ${told}: ${show(value)}`);
  }
  const scopeId = (value as InetAddress).scopeId;
  return scopeId === undefined || found !== "ipv6"
    ? endpoint
    : { ...endpoint as InetAddress, scopeId: checkScope(scopeId) };
}

function checkScope(scopeId: unknown): string {
  if (typeof scopeId === "string" && /^[\w.:-]{1,64}$/.test(scopeId)) {
    return scopeId;
  }
  throw new TypeError(`Not the zone of an address: ${show(scopeId)}`);
}

function hostAndPort(host: unknown, port: unknown): Endpoint {
  if (typeof host !== "string") {
    throw new TypeError(`A host must be a string: ${show(host)}`);
  }
  const checkedPort = checkPort(port);
  const hostname = specialHost(host);
  if (parseIPv4(hostname) !== undefined) {
    return { family: "ipv4", hostname, port: checkedPort };
  }
  if (hostname.includes(":")) return inet6(hostname, checkedPort);
  if (hostname.length > 253 || /[\s\0/%]/.test(hostname)) {
    throw new TypeError(`Not a host name: ${show(host)}`);
  }
  return { hostname, port: checkedPort };
}

/** `""` and `"<broadcast>"`, which Python takes in the place of a host. */
function specialHost(host: string): string {
  if (host === "") return "0.0.0.0";
  return host === "<broadcast>" ? "255.255.255.255" : host;
}

function inet6(text: string, port: number): InetAddress {
  const [host = "", scope, ...rest] = text.split("%");
  const bytes = parseIPv6(host);
  if (bytes === undefined || rest.length > 0 || scope === "") {
    throw new TypeError(`Not an IPv6 address: ${show(text)}`);
  }
  const hostname = formatIPv6(bytes);
  return scope === undefined
    ? { family: "ipv6", hostname, port }
    : { family: "ipv6", hostname, port, scopeId: checkScope(scope) };
}

function isIPv6(text: string): boolean {
  return text.includes(":");
}

function checkPort(port: unknown): number {
  if (typeof port !== "number") {
    throw new TypeError(`A port must be a number: ${show(port)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`A port is 0 to 65535: ${port}`);
  }
  return port;
}

function unixAddress(path: unknown): UnixAddress {
  if (typeof path !== "string") {
    throw new TypeError(`A Unix path must be a string: ${show(path)}`);
  }
  if (path === "") throw new TypeError("A Unix path must not be empty");
  // A name may hold what it likes; a path ends at a NUL.
  const isAbstract = path.startsWith("\0");
  if (!isAbstract && path.includes("\0")) {
    throw new TypeError(`A Unix path must not hold a NUL: ${show(path)}`);
  }
  const most = isAbstract ? MAX_ABSTRACT_NAME_BYTES : MAX_UNIX_PATH_BYTES;
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > most) {
    throw new RangeError(
      `${isAbstract ? "An abstract name" : "A Unix path"} has at most ` +
        `${most} bytes, this has ${bytes}: ${show(path)}`,
    );
  }
  return { family: "unix", path };
}

/** A value for an error text: short, and safe whatever it is. */
export function show(value: unknown): string {
  if (value instanceof Promise) return "a promise: await it first";
  if (typeof value === "object" && value !== null) {
    try {
      return (JSON.stringify(value) ?? "[object]").slice(0, 120);
    } catch {
      return "[object]";
    }
  }
  if (typeof value === "string") return JSON.stringify(value).slice(0, 120);
  if (typeof value === "bigint") return `${value}n`.slice(0, 120);
  return String(value).slice(0, 120);
}
