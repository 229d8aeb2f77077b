/**
 * Sends commands to a Redis server, all at once, and prints the replies as
 * `redis-cli` does. A reply is a line; bulk strings say in it how long they
 * are. So the framing changes in the middle of the stream: from `lines` to
 * `fixedLength` and back, by `release`.
 *
 *     deno run --allow-net examples/redis.ts 6379 "SET a 1" "GET a"
 *     bun examples/redis.ts 6379 "SET a 1" "GET a"
 *     node examples/redis.ts 6379 "SET a 1" "GET a"     (Node 22.18; on 20: .mjs)
 */

import { connect } from "anysock";
import { fixedLength, framed, lines } from "anysock/framing";

type Reply = string | null | Reply[];

const [port = "6379", ...commands] = process.argv.slice(2);
const socket = await connect(`127.0.0.1:${port}`);
let replies = framed(socket, lines());

/** A command is an array of bulk strings: `*1\r\n$4\r\nPING\r\n`. */
function encode(command: string): string {
  const words = command.split(" ");
  const bulks = words.map((word) => {
    const { length } = new TextEncoder().encode(word);
    return `$${length}\r\n${word}\r\n`;
  });
  return `*${words.length}\r\n${bulks.join("")}`;
}

async function readReply(): Promise<Reply> {
  const line = await replies.recv();
  if (line === null) throw new Error("The server hung up");
  const rest = line.slice(1);
  if (line[0] === "$") return await readBulk(Number(rest));
  if (line[0] !== "*") return rest;
  const list: Reply[] = [];
  for (let i = 0; i < Number(rest); i++) list.push(await readReply());
  return list;
}

async function readBulk(size: number): Promise<string | null> {
  if (size < 0) return null;
  const { rest } = await replies.release();
  const body = framed(socket, fixedLength(size + 2), { rest });
  const bytes = await body.recv();
  replies = framed(socket, lines(), { rest: (await body.release()).rest });
  return new TextDecoder().decode(bytes?.subarray(0, size));
}

function show(reply: Reply): string {
  return Array.isArray(reply) ? reply.map(show).join("\n") : reply ?? "";
}

await socket.sendAll(commands.map(encode));
for (const _ of commands) console.log(show(await readReply()));
await replies.close();
