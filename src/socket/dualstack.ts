/**
 * Whether IPv6 sockets serve IPv4 too.
 *
 * @module
 */

import { checkOptions } from "../deadline.ts";
import { SocketError } from "../errors.ts";
import { listen } from "./listen.ts";
import type { SocketOptions } from "./socket_factory.ts";

/** An IPv4 address that an IPv6 socket gets only if it serves both. */
const MAPPED_LOOPBACK = "[::ffff:127.0.0.1]:0";

/** What a host says that has no IPv6, or keeps its sockets to it. */
const REFUSALS: readonly string[] = [
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EINVAL",
  "EPROTONOSUPPORT",
];

/**
 * Whether an IPv6 socket can serve IPv4 as well, so that `listen("[::]:80")`
 * has the clients of both. It is tried, on the loopback address.
 *
 * @throws {PermissionError} on Deno without `--allow-net` for
 *   `[::ffff:127.0.0.1]`.
 * @throws {SocketError} if it cannot be tried, such as `EMFILE`.
 *
 * @example
 * ```ts
 * import { hasDualstackIPv6, listen } from "@anysock/anysock";
 *
 * const host = await hasDualstackIPv6() ? "[::]" : "0.0.0.0";
 * await using server = await listen(`${host}:0`);
 * ```
 */
export async function hasDualstackIPv6(
  options: Pick<SocketOptions, "runtime"> = {},
): Promise<boolean> {
  checkOptions(options, ["runtime"]);
  try {
    const probe = await listen(MAPPED_LOOPBACK, options);
    await probe.close();
    return true;
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    if (REFUSALS.includes(error.code)) return false;
    throw error;
  }
}
