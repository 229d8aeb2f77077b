/**
 * Sockets that the program was handed as descriptors: as its standard input by
 * `inetd`, from number 3 on by systemd.
 *
 * @module
 */

import { show } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import {
  SO_ACCEPTCONN,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
} from "../constants.ts";
import { checkOptions } from "../deadline.ts";
import { socketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import { Fault } from "../runtime/seam/fault.ts";
import { nativeOptions } from "../runtime/seam/native.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { RawListener, RawStream } from "../runtime/seam/stream.ts";
import { Acceptor } from "./stream/acceptor.ts";
import { Connection } from "./stream/connection.ts";
import { addressFamily, familyOf } from "./family.ts";
import { checkKind } from "./kind.ts";
import { withErrors } from "./options/calls.ts";
import { StreamSocket } from "./stream/stream_socket.ts";

/** Options of {@linkcode fromFd}. */
export interface FromFdOptions {
  /** Whether it is a listening socket; default `false`: a connected one. */
  readonly listening?: boolean;
  /** What serves the socket; default the current runtime. */
  readonly runtime?: Runtime;
}

/** No descriptor is larger: an `int`. */
const LARGEST_FD = 0x7fffffff;

/**
 * A socket over a descriptor, which it owns from then on: `close()` closes it.
 * Nobody else may read from it, and a program that takes its standard input
 * this way leaves `process.stdin` alone. A socket of another kind than said is
 * closed, since the runtime had to take it to find out.
 *
 * Runtimes make a TCP socket listen that is bound and does not; only after
 * `usePosix()` the kernel is asked, and it is `EINVAL`. What else does not
 * listen Linux tells in `/proc`, which Deno lets nobody read without
 * `--allow-all`: without it, it may be `EBADF` there.
 *
 * @param family what it is: `AF_INET`, `AF_INET6` or `AF_UNIX`
 * @param type `SOCK_STREAM`
 * @throws {TypeError} | {RangeError} if it is no descriptor.
 * @throws {SocketError} `EBADF` if it is not open, `ENOTSOCK` if it is no
 *   socket, `ENOTCONN` if it is not connected, `EINVAL` if it should listen and
 *   does not, `EAFNOSUPPORT` if it is of another family, `EOPNOTSUPP` where the
 *   runtime cannot.
 *
 * @example A server that systemd or inetd listens for
 * ```ts
 * import { AF_INET, fromFd, SOCK_STREAM } from "@anysock/anysock";
 *
 * export async function serve(): Promise<void> {
 *   const server = fromFd(3, AF_INET, SOCK_STREAM, 0, { listening: true });
 *   for await (const [peer] of server.connections()) {
 *     await peer.sendAll("hello\n");
 *     await peer.close();
 *   }
 * }
 * ```
 */
export function fromFd(
  fd: number,
  family: AddressFamily,
  type: typeof SOCK_STREAM,
  proto = 0,
  options: FromFdOptions = {},
): StreamSocket {
  checkKind("fromFd", family, type, proto);
  checkOptions(options, ["listening", "runtime"]);
  return socketOfFd("fromFd", fd, { family, type, proto, ...options });
}

/** What is known of a descriptor. */
export interface FdKind extends FromFdOptions {
  /** The address family. */
  readonly family: AddressFamily;
  /** `SOCK_STREAM`. */
  readonly type: number;
  /** The protocol number. */
  readonly proto: number;
}

/** A socket over a descriptor of a checked kind, for the call `op`. */
export function socketOfFd(
  op: string,
  fd: number,
  kind: FdKind,
): StreamSocket {
  checkFd(fd);
  const { family, type, proto, listening = false } = kind;
  const runtime = chosenRuntime(kind.runtime);
  if (type !== SOCK_STREAM) {
    const reason = "descriptors become stream sockets alone";
    throw socketError("EOPNOTSUPP", { op, reason });
  }
  if (listening) return listenerOfFd(op, fd, runtime, family);
  const raw = take(
    op,
    runtime,
    (each) => each.streamOfFd?.(fd, addressFamily(family)),
  );
  const connection = new Connection(raw, runtime);
  const init = { family, proto, runtime, isAdopted: true };
  return StreamSocket.create(init, connection);
}

/**
 * A listening socket over a descriptor, of whatever family it is if none is
 * said.
 */
export function listenerOfFd(
  op: string,
  fd: number,
  runtime: Runtime,
  family?: AddressFamily,
): StreamSocket {
  const name = family === undefined ? undefined : addressFamily(family);
  const raw = take(op, runtime, (each) => {
    if (each.host !== undefined) demandAccepting(fd);
    return each.listenerOfFd?.(fd, name);
  });
  const acceptor = new Acceptor(raw, runtime, SOMAXCONN);
  const init = {
    family: family ?? familyOf(raw.localAddress),
    proto: 0,
    runtime,
    isAdopted: true,
  };
  return StreamSocket.create(init, acceptor);
}

/** A runtime makes whatever is bound listen: the kernel alone knows. */
function demandAccepting(fd: number): void {
  const native = nativeOptions();
  if (native === undefined) return;
  const socket = { type: SOCK_STREAM, fd, local: undefined, peer: undefined };
  const ask = (option: number) =>
    new Int32Array(native.get(socket, SOL_SOCKET, option, 4).buffer)[0];
  if (ask(SO_TYPE) === SOCK_STREAM && ask(SO_ACCEPTCONN) !== 0) return;
  throw new Fault("EINVAL", undefined, "it does not listen");
}

function take<T extends RawStream | RawListener>(
  op: string,
  runtime: Runtime,
  taken: (runtime: Runtime) => T | undefined,
): T {
  const raw = withErrors(op, undefined, () => taken(runtime));
  if (raw !== undefined) return raw;
  const reason = String(runtime.supports.fromFd);
  throw socketError("EOPNOTSUPP", { op, reason });
}

function checkFd(fd: unknown): void {
  if (typeof fd !== "number") {
    throw new TypeError(`A descriptor is a number: ${show(fd)}`);
  }
  if (Number.isInteger(fd) && fd >= 0 && fd <= LARGEST_FD) return;
  throw new RangeError(`A descriptor is 0 to ${LARGEST_FD}: ${fd}`);
}
