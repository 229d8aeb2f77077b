/**
 * What options and arguments mean: times, counts, addresses, files.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import {
  type Address,
  formatAddress,
  type HostAndPort,
  parseAddress,
} from "../mod.ts";
import type { Given } from "./command.ts";
import { UsageError } from "./exit.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/**
 * Milliseconds: `500`, `500ms`, `2s`, `1m`.
 *
 * @throws {UsageError}
 */
export function milliseconds(given: Given, name: string): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const value = timeIn(text);
  if (value > 0 && value <= 2 ** 31 - 1) return value;
  throw new UsageError(
    `--${name} is a time such as 500, 500ms, 2s or 1m: ${JSON.stringify(text)}`,
  );
}

/** The milliseconds that a text tells; `NaN` if it tells none. */
export function timeIn(text: string): number {
  const [, digits, unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  return Number(digits) * UNITS[unit]!;
}

/**
 * A whole number from 1 on.
 *
 * @throws {UsageError}
 */
export function count(given: Given, name: string): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) {
    return value;
  }
  throw new UsageError(
    `--${name} is a whole number from 1 on: ${JSON.stringify(text)}`,
  );
}

/**
 * The address of a peer: `HOST:PORT`, `HOST PORT`, or with `--unix` a path.
 *
 * @throws {UsageError}
 */
export function peerAddress(given: Given): Address | HostAndPort {
  const [first = "", second] = given.words;
  if (given.flag("unix")) return address(`unix:${first}`);
  return address(second === undefined ? first : joined(first, second));
}

/**
 * An address to listen at: also a port alone, or `:PORT`, which are those of
 * this machine alone.
 *
 * @throws {UsageError}
 */
export function ownAddress(
  text: string,
  isUnix: boolean,
): Address | HostAndPort {
  if (isUnix) return address(`unix:${text}`);
  return address(
    /^:?\d+$/.test(text) ? `127.0.0.1:${text.replace(":", "")}` : text,
  );
}

/**
 * An address as the library reads it.
 *
 * @throws {UsageError}
 */
export function address(text: string): Address | HostAndPort {
  try {
    return parseAddress(text);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function joined(host: string, port: string): string {
  return host.includes(":") && !host.startsWith("[")
    ? `[${host}]:${port}`
    : `${host}:${port}`;
}

/** How an address is shown. */
export function shown(address: Address | HostAndPort): string {
  return formatAddress(address);
}

/**
 * The bytes of the file that an option names.
 *
 * @throws {UsageError} if it cannot be read
 */
export async function file(
  given: Given,
  name: string,
): Promise<Uint8Array | undefined> {
  const path = given.text(name);
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    const why = (error as Error).message;
    throw new UsageError(`--${name} names a file that cannot be read: ${why}`);
  }
}
