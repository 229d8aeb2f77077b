/**
 * Writing a header of the PROXY protocol.
 *
 * @module
 */

import { show, toEndpoint } from "../../address.ts";
import { concat } from "../../byte_queue.ts";
import { toBytes } from "../../bytes.ts";
import type { Address, Bytes, InetAddress } from "../../contracts.ts";
import { checkOptions } from "../../deadline.ts";
import { parseIPv4, parseIPv6 } from "../../ip.ts";
import {
  FIXED_BYTES,
  type ProxyHeader,
  SIGNATURE,
  UNIX_PATH_BYTES,
} from "./header.ts";
import { emptyChecksum, writeChecksum, writeFields } from "./tlvs.ts";

/**
 * What a header shall say. A {@linkcode ProxyHeader} that was read is one;
 * of what is both among `tlvs` and has a name, the former is written.
 */
export interface ProxyHeaderInit extends Partial<ProxyHeader> {
  /** Whether version 2 carries a checksum; default `false`. */
  readonly crc32c?: boolean;
}

const KNOWN = [
  ...["command", "source", "destination", "tlvs", "alpn", "authority"],
  ...["uniqueId", "ssl", "crc32c", "version"],
];

/** What only version 2 can carry. */
const FIELDS = ["alpn", "authority", "uniqueId", "ssl", "crc32c"] as const;

/**
 * The bytes of a PROXY header, which a proxy sends before anything else.
 * Without addresses it says `UNKNOWN` (version 1) or `UNSPEC` (2): the
 * receiver takes those of the connection itself. Version 1 knows no Unix
 * addresses, and says `UNKNOWN` of them, and of `"local"`.
 *
 * @param version default that of the header, else 2
 * @throws {TypeError} | {RangeError} if only one address is given or one is
 *   none, for fields in version 1, and for fields that are too long.
 *
 * @example A proxy of one connection
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { encodeProxyHeader } from "@anysock/anysock/server";
 *
 * await using listener = await listen("127.0.0.1:0");
 * const [client, source] = await listener.accept();
 * const server = await connect("127.0.0.1:8080");
 * const destination = client.getSockName();
 * await server.sendAll(encodeProxyHeader({ source, destination }));
 * for await (const bytes of client) await server.sendAll(bytes);
 * await Promise.all([client.close(), server.close()]);
 * ```
 */
export function encodeProxyHeader(
  header: ProxyHeaderInit,
  version: 1 | 2 = header?.version ?? 2,
): Bytes {
  checkOptions(header, KNOWN);
  const { command = "proxy" } = header;
  if (command !== "proxy" && command !== "local") {
    throw new TypeError(`command is "proxy" or "local": ${show(command)}`);
  }
  const ends = command === "local" ? undefined : endsOf(header);
  if (version === 2) return encodeBinary(header, command, ends);
  if (version !== 1) throw new RangeError(`version is 1 or 2: ${version}`);
  checkPlain(header);
  return toBytes(lineOf(ends)).slice();
}

type Ends = readonly [source: Address, destination: Address];

function endsOf({ source, destination }: ProxyHeaderInit): Ends | undefined {
  if (source === undefined && destination === undefined) return undefined;
  const [from, to] = [checkEnd(source), checkEnd(destination)];
  if ((from.family === "unix") !== (to.family === "unix")) {
    throw new TypeError(
      `Both addresses of a header are of one kind: ${show([from, to])}`,
    );
  }
  return [from, to];
}

/** The peer of a Unix socket has no name, and may be told of all the same. */
function checkEnd(value: Address | undefined): Address {
  if (value === undefined) {
    throw new TypeError("A header has both addresses, or neither");
  }
  if (value.family === "unix" && value.path === "") return value;
  const endpoint = toEndpoint(value, "any");
  if ("family" in endpoint) return endpoint;
  throw new TypeError(`An address of a header is numeric: ${show(value)}`);
}

// ---- version 1

function checkPlain(header: ProxyHeaderInit): void {
  const field = FIELDS.find((name) =>
    header[name] !== undefined && header[name] !== false
  );
  const { tlvs = [] } = header;
  if (field === undefined && tlvs.length === 0) return;
  throw new TypeError(`Version 1 has no room for ${field ?? "tlvs"}`);
}

function lineOf(ends: Ends | undefined): string {
  const [source, destination] = ends ?? [];
  if (source === undefined || source.family === "unix") {
    return "PROXY UNKNOWN\r\n";
  }
  const to = destination as InetAddress;
  const isIPv4 = source.family === "ipv4" && to.family === "ipv4";
  const host = (address: InetAddress) =>
    isIPv4 || address.family === "ipv6"
      ? address.hostname
      : `::ffff:${address.hostname}`;
  const words = [
    ...["PROXY", isIPv4 ? "TCP4" : "TCP6", host(source), host(to)],
    ...[source.port, to.port],
  ];
  return `${words.join(" ")}\r\n`;
}

// ---- version 2

/** Version 2, and its commands. */
const COMMANDS = { local: 0x20, proxy: 0x21 } as const;

/** Families of stream sockets. */
const UNSPEC = 0x00;
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX_STREAM = 0x31;

function encodeBinary(
  header: ProxyHeaderInit,
  command: "local" | "proxy",
  ends: Ends | undefined,
): Bytes {
  const [family, addresses] = addressesOf(ends);
  const hasSum = header.crc32c === true;
  const sum = hasSum ? emptyChecksum() : new Uint8Array(0);
  const body = concat([addresses, writeFields(header), sum]);
  const { length } = body;
  if (length > 0xffff) {
    throw new RangeError(
      `A header has at most ${0xffff + FIXED_BYTES} bytes, this has ` +
        `${length + FIXED_BYTES}`,
    );
  }
  const rest = [COMMANDS[command], family, length >> 8, length & 255];
  const whole = concat([SIGNATURE, Uint8Array.from(rest), body]);
  return hasSum ? writeChecksum(whole) : whole;
}

function addressesOf(
  ends: Ends | undefined,
): readonly [family: number, bytes: Uint8Array] {
  if (ends === undefined) return [UNSPEC, new Uint8Array(0)];
  const [source, destination] = ends;
  if (source.family === "unix" || destination.family === "unix") {
    return [UNIX_STREAM, concat(ends.map(unixField))];
  }
  const isIPv4 = source.family === "ipv4" && destination.family === "ipv4";
  const hosts = [source, destination].map((end) => hostBytes(end, isIPv4));
  const ports = [source, destination]
    .flatMap(({ port }) => [port >> 8, port & 255]);
  const bytes = concat([...hosts, Uint8Array.from(ports)]);
  return [isIPv4 ? TCP4 : TCP6, bytes];
}

function hostBytes({ family, hostname }: InetAddress, plain: boolean): Bytes {
  const text = family === "ipv6" || plain ? hostname : `::ffff:${hostname}`;
  return (plain ? parseIPv4(text) : parseIPv6(text)) as Bytes;
}

function unixField(address: Address): Bytes {
  const field = new Uint8Array(UNIX_PATH_BYTES);
  if ("path" in address) field.set(toBytes(address.path));
  return field;
}
