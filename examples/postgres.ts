/**
 * Asks a PostgreSQL server and prints the rows as `psql -At` does. The first
 * byte of each message tells its type; the start-up message alone has none.
 *
 *     deno run --allow-net examples/postgres.ts 5432 postgres "SELECT 1, 'a'"
 *     bun examples/postgres.ts 5432 postgres "SELECT 1, 'a'"
 *     node examples/postgres.ts 5432 postgres "SELECT 1, 'a'"   (Node 22.18; on 20: .mjs)
 */

import { connect } from "anysock";
import { ByteReader, ByteWriter } from "anysock/byteorder";
import { framed, lengthPrefixed, typeTagged } from "anysock/framing";

const PROTOCOL_3 = 196_608;
const [port = "5432", user = "postgres", sql = "SELECT 1"] = process.argv
  .slice(2);

// The length counts itself, and not the type in front of it.
const message = lengthPrefixed({ header: "u32", includesHeader: true });
const tag = (letter: string) => letter.charCodeAt(0);
const codec = typeTagged({
  types: Object.fromEntries(
    [..."RSKZTDCEINQX"].map((letter) => [tag(letter), message]),
  ),
});

/** The columns of a row: a count, then for each its length and its bytes. */
function columns(row: Uint8Array): string[] {
  const reader = new ByteReader(row);
  return Array.from({ length: reader.u16() }, () => {
    const size = reader.i32();
    return size < 0 ? "" : reader.utf8(size);
  });
}

const socket = await connect(`127.0.0.1:${port}`);
const startUp = new ByteWriter().u32(PROTOCOL_3);
startUp.utf8(`user\0${user}\0database\0postgres\0\0`);
const first = framed(socket, message);
await first.send(startUp.finish());

const { rest } = await first.release();
const server = framed(socket, codec, { rest });
const question = { tag: tag("Q"), value: `${sql}\0` };
let isAsked = false;
for await (const { tag, value } of server) {
  const letter = String.fromCharCode(tag);
  if (letter === "R" && new ByteReader(value).u32() !== 0) {
    throw new Error("The server wants a password: this example has none");
  }
  if (letter === "E") throw new Error(new TextDecoder().decode(value));
  if (letter === "D") console.log(columns(value).join("|"));
  if (letter !== "Z") continue;
  // Ready: for the question at first, then for the next one.
  if (isAsked) break;
  isAsked = true;
  await server.send(question);
}
await server.send({ tag: tag("X"), value: "" });
await server.close();
