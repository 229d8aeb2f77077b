/**
 * Network interfaces by name and by index.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import { type SocketError, socketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import { toError } from "../runtime/seam/error_mapping.ts";
import type { NetworkInterface } from "../runtime/seam/names.ts";
import type { NameOptions } from "./query.ts";

/** No index is larger: an `unsigned int`. */
const LARGEST_INDEX = 0xffffffff;

/**
 * The network interfaces of this host, each with its index, in that order. On
 * Linux they are all there; on Deno that takes `--allow-all`, and with
 * `--allow-sys=networkInterfaces` alone, as on other systems, those are there
 * that have an address and whose index the runtime tells: the loopback, and
 * what has a link-local IPv6 address.
 *
 * @throws {PermissionError} on Deno without `--allow-sys=networkInterfaces`.
 *
 * @example
 * ```ts
 * import { ifNameIndex } from "@anysock/anysock";
 *
 * for (const [index, name] of ifNameIndex()) console.log(index, name);
 * ```
 */
export function ifNameIndex(
  options: Pick<NameOptions, "runtime"> = {},
): [index: number, name: string][] {
  return interfaces("ifNameIndex", options)
    .flatMap(({ index, name }): [number, string][] =>
      index === undefined ? [] : [[index, name]]
    )
    .sort(([a], [b]) => a - b);
}

/**
 * The index of a network interface, such as 1 of `"lo"` on Linux.
 *
 * @throws {TypeError} if it is no string.
 * @throws {SocketError} `ENODEV` if no interface that {@linkcode ifNameIndex}
 *   can know of is named so, `EOPNOTSUPP` if the runtime does not tell its
 *   index.
 * @throws {PermissionError} on Deno without `--allow-sys=networkInterfaces`.
 *
 * @example
 * ```ts
 * import { ifNameIndex, ifNameToIndex } from "@anysock/anysock";
 *
 * const [[index, name] = []] = ifNameIndex();
 * if (name !== undefined) console.log(ifNameToIndex(name) === index); // true
 * ```
 */
export function ifNameToIndex(
  name: string,
  options: Pick<NameOptions, "runtime"> = {},
): number {
  const op = "ifNameToIndex";
  if (typeof name !== "string") {
    throw new TypeError(`An interface is named by a string: ${show(name)}`);
  }
  const found = interfaces(op, options).find((each) => each.name === name);
  if (found === undefined) {
    throw missing("ENODEV", op, `no interface is named ${show(name)}`);
  }
  if (found.index !== undefined) return found.index;
  const reason = `this runtime does not tell the index of ${name}`;
  throw missing("EOPNOTSUPP", op, reason);
}

/**
 * The name of a network interface by its index.
 *
 * @throws {TypeError} | {RangeError} if it is no number from 0 to 2^32 − 1.
 * @throws {SocketError} `ENXIO` if no interface that {@linkcode ifNameIndex}
 *   can know of has that index.
 * @throws {PermissionError} on Deno without `--allow-sys=networkInterfaces`.
 *
 * @example
 * ```ts
 * import { ifIndexToName, ifNameIndex } from "@anysock/anysock";
 *
 * const [[index, name] = []] = ifNameIndex();
 * if (index !== undefined) console.log(ifIndexToName(index) === name); // true
 * ```
 */
export function ifIndexToName(
  index: number,
  options: Pick<NameOptions, "runtime"> = {},
): string {
  const op = "ifIndexToName";
  if (typeof index !== "number") {
    throw new TypeError(`An index is a number: ${show(index)}`);
  }
  if (!Number.isInteger(index) || index < 0 || index > LARGEST_INDEX) {
    throw new RangeError(`An index is 0 to ${LARGEST_INDEX}: ${index}`);
  }
  const found = interfaces(op, options).find((each) => each.index === index);
  if (found !== undefined) return found.name;
  throw missing("ENXIO", op, `no interface has the index ${index}`);
}

function interfaces(
  op: string,
  options: Pick<NameOptions, "runtime">,
): readonly NetworkInterface[] {
  checkOptions(options, ["runtime"]);
  const runtime = chosenRuntime(options.runtime);
  try {
    return runtime.names.interfaces();
  } catch (error) {
    throw toError(error, { op });
  }
}

function missing(code: string, op: string, reason: string): SocketError {
  return socketError(code, { op, reason });
}
