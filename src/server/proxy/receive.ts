/**
 * Taking a PROXY header off the beginning of a connection.
 *
 * @module
 */

import { MSG_PEEK, MSG_WAITALL } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import type { StreamSocket } from "../../socket/stream/stream_socket.ts";
import { badHeader, MOST_TEXT_BYTES, type ProxyHeader } from "./header.ts";
import { beginsAsHeader, parseProxyHeader } from "./parse.ts";

/**
 * Receives a header; nothing of what follows it is taken. If none is required
 * and the first bytes are not those of one, gives `undefined` and takes none.
 *
 * @throws {SocketError} `EPROTO`, or what the connection fails with.
 */
export async function receiveProxyHeader(
  socket: StreamSocket,
  isRequired: boolean,
  maxLength: number,
): Promise<ProxyHeader | undefined> {
  let bytes: Bytes = new Uint8Array(0);
  while (true) {
    const more = await peekMore(socket, bytes.length, maxLength);
    const isOver = more.length === bytes.length;
    bytes = more;
    if (!isRequired && !beginsAsHeader(bytes)) return undefined;
    if (isOver && !isRequired && bytes.length === 0) return undefined;
    if (isOver) throw badHeader("the connection ended within it");
    const parsed = parseProxyHeader(bytes, { maxLength });
    if (parsed === undefined) continue;
    await socket.recvExactly(parsed.length, { timeoutMs: null });
    return parsed.header;
  }
}

/** What is in hand, once that is more than `count` bytes or all there is. */
async function peekMore(
  socket: StreamSocket,
  count: number,
  most: number,
): Promise<Bytes> {
  const wait = { timeoutMs: null };
  const flags = MSG_PEEK | MSG_WAITALL;
  await socket.recv(count + 1, { ...wait, flags });
  const size = Math.max(most, MOST_TEXT_BYTES);
  const seen = await socket.recv(size, { ...wait, flags: MSG_PEEK });
  return seen ?? new Uint8Array(0);
}
