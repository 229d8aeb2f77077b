/**
 * Sockets over connections that the program got elsewhere.
 *
 * @module
 */

import { show } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../constants.ts";
import type { BunSocket } from "../runtime/bun.ts";
import type { DenoConn } from "../runtime/deno.ts";
import {
  adoptBunSocket,
  adoptDenoConn,
  adoptNodeSocket,
  bunRuntime,
  denoRuntime,
  nodeRuntime,
} from "../runtime/drivers/all.ts";
import type { NodeSocket } from "../runtime/node.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { RawStream } from "../runtime/seam/stream.ts";
import { toError } from "../runtime/seam/error_mapping.ts";
import type { StreamPair } from "../runtime/web_streams.ts";
import { adoptWebStreams, webStreamsRuntime } from "../runtime/web_streams.ts";
import { Connection } from "./stream/connection.ts";
import { StreamSocket } from "./stream/stream_socket.ts";

export type { StreamPair } from "../runtime/web_streams.ts";

/**
 * A stream socket over a connected `net.Socket` of `node:net`, on any runtime
 * that has one. Takes it over: its `allowHalfOpen` is set, its listeners for
 * data are ours. `detach()` gives it back.
 *
 * @throws {TypeError} if it is no such socket, or gives text: `setEncoding()`
 *   cannot be taken back.
 * @throws {SocketError} `ENOTCONN` if it is not connected.
 */
export function fromNodeSocket(socket: object): StreamSocket {
  demand(socket, "net.Socket", ["read", "write", "pause", "destroy"]);
  const { readableEncoding } = socket as NodeSocket;
  if (readableEncoding) {
    throw new TypeError(
      `A net.Socket that gives bytes is expected, not ${readableEncoding}`,
    );
  }
  return adopt(
    "fromNodeSocket",
    nodeRuntime(),
    () => adoptNodeSocket(socket as NodeSocket),
  );
}

/**
 * A stream socket over a `Deno.Conn`. Takes it over: nothing else may read,
 * write or close it. `detach()` gives it back.
 *
 * @throws {TypeError} if it is no such connection.
 */
export function fromDenoConn(conn: object): StreamSocket {
  demand(conn, "Deno.Conn", ["read", "write", "closeWrite", "close"]);
  return adopt(
    "fromDenoConn",
    denoRuntime(),
    () => adoptDenoConn(conn as DenoConn),
  );
}

/**
 * A stream socket over a `Bun.Socket` that `Bun.connect` gave. Takes it over:
 * its handlers are replaced. `detach()` gives it back.
 *
 * @throws {TypeError} if it is no such socket.
 * @throws {SocketError} `EOPNOTSUPP` for an accepted socket: Bun shares the
 *   handlers of all sockets of a listener.
 */
export function fromBunSocket(socket: object): StreamSocket {
  demand(socket, "Bun.Socket", ["write", "pause", "reload", "terminate"]);
  return adopt(
    "fromBunSocket",
    bunRuntime(),
    () => adoptBunSocket(socket as BunSocket),
  );
}

/**
 * A stream socket over a pair of web streams, such as a `TransformStream` or
 * the two ends of a `WebSocketStream`. It has no address and no options.
 *
 * @throws {TypeError} if one of the streams is none, or locked.
 *
 * @example
 * ```ts
 * import { fromStreams } from "@anysock/anysock";
 *
 * const loop = new TransformStream<Uint8Array, Uint8Array>();
 * const sock = fromStreams(loop);
 * const received = sock.recv();
 * await sock.sendAll("hello");
 * console.log(await received);
 * await sock.close();
 * ```
 */
export function fromStreams(pair: StreamPair): StreamSocket {
  demand(pair, "pair of web streams", []);
  demand(pair.readable, "ReadableStream", ["getReader"]);
  demand(pair.writable, "WritableStream", ["getWriter"]);
  return adopt("fromStreams", webStreamsRuntime(), () => adoptWebStreams(pair));
}

/** What is given has the methods of what it should be. */
function demand(
  value: unknown,
  kind: string,
  methods: readonly string[],
): void {
  const given = value as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof given === "object" && given !== null) {
    if (methods.every((name) => typeof given[name] === "function")) return;
  }
  throw new TypeError(`A ${kind} is expected: ${show(value)}`);
}

function adopt(
  op: string,
  runtime: Runtime,
  take: () => RawStream,
): StreamSocket {
  let stream: RawStream;
  try {
    stream = take();
  } catch (error) {
    throw toError(error, { op });
  }
  const family = familyOf(stream);
  const connection = new Connection(stream, runtime);
  const init = { family, proto: 0, runtime, isAdopted: true };
  return StreamSocket.create(init, connection);
}

function familyOf(stream: RawStream): AddressFamily {
  const name = stream.remoteAddress?.family;
  if (name === "unix") return AF_UNIX;
  return name === "ipv6" ? AF_INET6 : AF_INET;
}
