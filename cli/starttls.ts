/**
 * The few words after which protocols go over to TLS in mid-stream.
 *
 * @module
 */

import type { StreamSocket } from "../mod.ts";
import { ByteWriter } from "../src/byteorder/mod.ts";

/** The protocols of `--starttls`. */
export const STARTTLS: Readonly<
  Record<string, (sock: StreamSocket, wait: Wait) => Promise<void>>
> = { postgres, smtp };

/** How long each step may take. */
interface Wait {
  readonly timeoutMs: number;
}

/** The peer will not go over to TLS. */
export class NoTls extends Error {
  /** The class's own name. */
  override readonly name = "NoTls";
}

const SSL_REQUEST = 80_877_103;

/** Eight bytes, and one in answer: what came behind it would be forged. */
async function postgres(sock: StreamSocket, wait: Wait): Promise<void> {
  const request = new ByteWriter().u32(8).u32(SSL_REQUEST).finish();
  await sock.sendAll(request, wait);
  const [answer = 0] = await sock.recvExactly(1, wait);
  if (answer !== "S".charCodeAt(0)) throw new NoTls("The server has no TLS");
}

/** RFC 3207. */
async function smtp(sock: StreamSocket, wait: Wait): Promise<void> {
  await reply(sock, "220", wait);
  await sock.sendAll("EHLO localhost\r\n", wait);
  const offers = await reply(sock, "250", wait);
  if (!offers.some((line) => /^250.STARTTLS\s*$/i.test(line))) {
    throw new NoTls("The server does not offer STARTTLS");
  }
  await sock.sendAll("STARTTLS\r\n", wait);
  await reply(sock, "220", wait);
}

/** The lines of a reply; the last one has a blank behind its number. */
async function reply(
  sock: StreamSocket,
  wanted: string,
  wait: Wait,
): Promise<string[]> {
  const lines: string[] = [];
  do {
    const line = await sock.recvUntil("\n", { maxBytes: 4096, ...wait });
    lines.push(new TextDecoder("latin1").decode(line).trimEnd());
  } while (lines.at(-1)?.[3] === "-");
  if (lines.at(-1)?.startsWith(wanted)) return lines;
  throw new NoTls(`The server says ${lines.join(" ")}`);
}
