/**
 * Sets of addresses, written as CIDR blocks.
 *
 * @module
 */

import { show } from "../address.ts";
import type { Address } from "../contracts.ts";
import { parseIPv4, parseIPv6 } from "../ip.ts";

/** A block of addresses: those whose first `bits` bits are the same. */
interface Block {
  readonly prefix: Uint8Array;
  readonly bits: number;
}

/** Stands for the peers of Unix sockets, who have no address. */
const UNIX = "unix";

/** Addresses, as a list of blocks. */
export class Networks {
  readonly #blocks: readonly Block[];
  readonly #hasUnix: boolean;

  /**
   * Blocks such as `"10.0.0.0/8"`, `"2001:db8::/32"`, `"127.0.0.1"`, and
   * `"unix"` for the peers of Unix sockets.
   *
   * @throws {TypeError} | {RangeError} if one is no such block.
   */
  constructor(texts: readonly string[]) {
    this.#hasUnix = texts.includes(UNIX);
    this.#blocks = texts.filter((text) => text !== UNIX).map(blockOf);
  }

  /**
   * Whether an address is in one of them, in whatever zone; IPv4 in IPv6's
   * clothes counts.
   */
  has(address: Address): boolean {
    if (address.family === "unix") return this.#hasUnix;
    const [host = ""] = address.hostname.split("%");
    const bytes = bytesOf(host);
    return bytes !== undefined &&
      this.#blocks.some((block) => isWithin(bytes, block));
  }
}

function blockOf(text: unknown): Block {
  const match = typeof text === "string"
    ? /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text)
    : null;
  const [, host = "", size] = match ?? [];
  const prefix = bytesOf(host);
  if (prefix === undefined) {
    throw new TypeError(
      `Addresses are "10.0.0.0/8", "2001:db8::/32" or "unix": ${show(text)}`,
    );
  }
  // The bits of an IPv4 address are the last of its IPv6 form.
  const before = host.includes(":") ? 0 : 96;
  const bits = before + Number(size ?? 128 - before);
  if (bits > 128) throw new RangeError(`Too many bits: ${show(text)}`);
  if (isRestZero(prefix, bits)) return { prefix, bits };
  throw new RangeError(`Bits are set beyond the block: ${show(text)}`);
}

/** The 16 bytes of a numeric address. */
function bytesOf(hostname: string): Uint8Array | undefined {
  const text = hostname.includes(":") ? hostname : `::ffff:${hostname}`;
  if (!hostname.includes(":") && parseIPv4(hostname) === undefined) {
    return undefined;
  }
  return parseIPv6(text);
}

function isWithin(bytes: Uint8Array, { prefix, bits }: Block): boolean {
  return bytes.every((byte, at) => {
    const mask = maskAt(at, bits);
    return (byte & mask) === ((prefix[at] as number) & mask);
  });
}

function isRestZero(prefix: Uint8Array, bits: number): boolean {
  return prefix.every((byte, at) => (byte & ~maskAt(at, bits)) === 0);
}

/** The bits of the byte at `at` that are among the first `bits`. */
function maskAt(at: number, bits: number): number {
  const count = Math.max(0, Math.min(8, bits - 8 * at));
  return 256 - (1 << (8 - count));
}
