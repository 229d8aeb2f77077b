/**
 * Opening the C library, and serving sockets by it.
 *
 * @module
 */

import { installNativeOptions } from "../runtime/seam/native.ts";
import { platformName } from "../runtime/platform.ts";
import { toError } from "../runtime/seam/error_mapping.ts";
import { Fault } from "../runtime/seam/fault.ts";
import { openInBun } from "./bun.ts";
import { openInDeno } from "./deno.ts";
import { DescriptorFinder } from "./finder.ts";
import type { Libc } from "./libc.ts";
import { libraryNames } from "./libc.ts";
import { openInNode } from "./node.ts";
import { LibcOptions } from "./options.ts";

/** Options of {@linkcode usePosix}. */
export interface PosixOptions {
  /**
   * The C library's path; default: it is found by its usual name. On Deno a
   * grant for this path alone, such as
   * `--allow-ffi=/lib/x86_64-linux-gnu/libc.so.6`, is then enough.
   */
  readonly library?: string;
}

let isInUse = false;

/**
 * From now on `setSockOpt` and `getSockOpt` of streams and datagram sockets go
 * to the kernel where the runtime has no way: on Bun, on Node 26 (`node:ffi`,
 * which prints a warning that it is experimental), and on Deno with
 * `--allow-ffi`. What a runtime can do itself stays with it. May be called
 * again.
 *
 * Bun and Node tell a socket's descriptor. Deno does not: there it is found by
 * the addresses of both ends, so that Unix-domain sockets and listeners that
 * share their port are `EOPNOTSUPP`.
 *
 * @throws {SocketError} `EOPNOTSUPP` where there is no way to the C library,
 *   such as on Node 20 and on Windows; `EPERM` where it is not permitted.
 *
 * @example How large the kernel's buffer is, and how the connection fares
 * ```ts
 * import {
 *   connect,
 *   IPPROTO_TCP,
 *   listen,
 *   SO_RCVBUF,
 *   SOL_SOCKET,
 *   TCP_INFO,
 * } from "@anysock/anysock";
 * import { usePosix } from "@anysock/anysock/posix";
 *
 * usePosix();
 * await using server = await listen("127.0.0.1:0");
 * await using sock = await connect(server.getSockName());
 * sock.setSockOpt(SOL_SOCKET, SO_RCVBUF, 65_536);
 * console.log(sock.getSockOpt(SOL_SOCKET, SO_RCVBUF)); // Linux doubles it
 * console.log(sock.getSockOpt(IPPROTO_TCP, TCP_INFO, 256)); // struct tcp_info
 * ```
 */
export function usePosix(options: PosixOptions = {}): void {
  if (isInUse) return;
  try {
    const libc = open(options.library);
    installNativeOptions(new LibcOptions(libc, new DescriptorFinder(libc)));
  } catch (error) {
    throw toError(error, { op: "usePosix" });
  }
  isInUse = true;
}

/** The C library, by the first of its names that there is. */
function open(library: string | undefined): Libc {
  if (platformName() === "win32") {
    const reason = "Windows has handles in place of descriptors";
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }
  const opener = openerOfHost();
  const names = library === undefined ? libraryNames() : [library];
  let failure: unknown;
  for (const name of names) {
    try {
      return opener(name);
    } catch (error) {
      if (error instanceof Fault) throw error;
      failure ??= error;
    }
  }
  const reason = `there is no C library called ${names.join(" or ")}`;
  throw new Fault("EOPNOTSUPP", failure, reason);
}

function openerOfHost(): (library: string) => Libc {
  // dnt-shim-ignore
  const host = globalThis as { Deno?: unknown; Bun?: unknown };
  if (host.Deno !== undefined) return openInDeno;
  return host.Bun !== undefined ? openInBun : openInNode;
}
