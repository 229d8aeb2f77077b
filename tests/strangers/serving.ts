/**
 * Our side of the tests with strangers: servers of this library.
 *
 * @module
 */

import { type AddressLike, listen, type StreamSocket } from "../../mod.ts";

/**
 * Runs `fn` while a server of ours listens; gives it the port (0 for a Unix
 * address). What a handler throws fails the test.
 */
export async function withOurServer<T>(
  address: AddressLike,
  serve: (conn: StreamSocket) => Promise<void>,
  fn: (port: number) => Promise<T>,
): Promise<T> {
  const listener = await listen(address);
  const handlers: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const [conn] of listener.connections()) {
      const handled = serve(conn).finally(() => conn.close());
      handled.catch(() => {}); // told below, once `fn` is done
      handlers.push(handled);
    }
  })();
  const bound = listener.getSockName();
  let result: T;
  try {
    result = await fn(bound.family === "unix" ? 0 : bound.port);
  } finally {
    await listener.close();
    await accepting;
  }
  await Promise.all(handlers);
  return result;
}

/** A request of HTTP/1: its head as text, its body if a length was told. */
export interface HttpRequest {
  /** Method and target. */
  readonly line: string;
  /** The header fields by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** The body. */
  readonly body: Uint8Array;
}

/** Reads one request. */
export async function readRequest(conn: StreamSocket): Promise<HttpRequest> {
  const head = await conn.recvUntil("\r\n\r\n");
  const [line = "", ...rest] = new TextDecoder().decode(head).split("\r\n");
  const fields = new Map(rest.map((each) => {
    const colon = each.indexOf(":");
    const name = each.slice(0, colon).toLowerCase();
    return [name, each.slice(colon + 1).trim()];
  }));
  if (fields.get("expect") === "100-continue") {
    await conn.sendAll("HTTP/1.1 100 Continue\r\n\r\n");
  }
  const length = Number(fields.get("content-length") ?? 0);
  return { line, fields, body: await conn.recvExactly(length) };
}
