/**
 * Asks a PostgreSQL server over TLS, as `sslmode=verify-full` does: before
 * anything else the client asks for TLS in eight bytes, the server answers in
 * one, and TLS begins behind that. Prints the first column of each row.
 *
 *     deno run --allow-net --allow-read examples/postgres_tls.ts localhost:5432 postgres "SELECT 1" [ca.pem]
 *     bun examples/postgres_tls.ts localhost:5432 postgres "SELECT 1" [ca.pem]
 *     node examples/postgres_tls.ts localhost:5432 postgres "SELECT 1" [ca.pem]     (Node 22.18; on 20: .mjs)
 */

import { readFile } from "node:fs/promises";
import { connect } from "anysock";
import { ByteReader, ByteWriter } from "anysock/byteorder";

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const [address = "localhost:5432", user = "postgres", sql = "SELECT 1", roots] =
  process.argv.slice(2);
const tls = roots === undefined ? {} : { ca: await readFile(roots) };

const server = await connect(address, { timeoutMs: 10_000 });
server.setTimeout(30_000);
await server.sendAll(new ByteWriter().u32(8).u32(SSL_REQUEST).finish());
// One byte and no more: what came behind it would be an attacker's.
const [answer = 0] = await server.recvExactly(1);
if (answer !== "S".charCodeAt(0)) throw new Error("The server has no TLS");
await server.startTls(tls);
console.error(`${server.tls!.protocol} with ${server.tls!.cipher}`);

/** A message, with its length, which counts itself, in front. */
async function say(type: string, text: string): Promise<void> {
  const body = new TextEncoder().encode(text);
  const head = new ByteWriter().utf8(type).u32(body.length + 4).finish();
  await server.sendAll([head, body]);
}

/** The next message: the letter of its type, and what is in it. */
async function hear(): Promise<[type: string, body: ByteReader]> {
  const head = new ByteReader(await server.recvExactly(5));
  const type = head.utf8(1);
  return [type, new ByteReader(await server.recvExactly(head.u32() - 4))];
}

const start = new ByteWriter().u32(PROTOCOL_3);
start.utf8(`user\0${user}\0database\0postgres\0\0`);
const greeting = start.finish();
const size = new ByteWriter().u32(greeting.length + 4).finish();
await server.sendAll([size, greeting]);
let turns = 0; // ready for the question at first, then for the next one
while (turns < 2) {
  const [type, body] = await hear();
  if (type === "R" && body.u32() !== 0) throw new Error("It wants a password");
  if (type === "E") throw new Error(body.utf8(body.remaining));
  if (type === "D" && body.u16() > 0) console.log(body.utf8(body.i32()));
  if (type === "Z" && ++turns === 1) await say("Q", `${sql}\0`);
}
await say("X", "");
await server.close();
