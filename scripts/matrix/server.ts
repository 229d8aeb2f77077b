/**
 * The HOWTO's server: answers a request with the bytes of a file and closes.
 * A request is complete when the client has shut its sending side down.
 *
 *     server.ts FILE BYTES     prints its port, ends with its standard input
 */

import { open } from "node:fs/promises";
import { AF_INET, SOCK_STREAM, socket, type StreamSocket } from "../../mod.ts";
import { REQUEST } from "./wire.ts";

const CHUNK_BYTES = 256 * 1024;

async function answer(client: StreamSocket): Promise<void> {
  let request = "";
  const decoder = new TextDecoder();
  for await (const chunk of client) {
    request += decoder.decode(chunk, { stream: true });
    if (request.length > REQUEST.length) break;
  }
  if (request === REQUEST) await sendFile(client);
  await client.close();
}

async function sendFile(client: StreamSocket): Promise<void> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let left = limit; left > 0;) {
      const wanted = Math.min(left, CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, wanted, null);
      if (bytesRead === 0) break;
      await client.sendAll(buffer.subarray(0, bytesRead));
      left -= bytesRead;
    }
  } finally {
    await file.close();
  }
}

const [path = "", bytes = ""] = process.argv.slice(2);
const limit = Number(bytes);
const server = socket(AF_INET, SOCK_STREAM);
await server.bind(["127.0.0.1", 0]);
await server.listen(5);
const address = server.getSockName();
console.log(address.family === "unix" ? address.path : address.port);
process.stdin.on("end", () => server.close()).resume();
for await (const [client] of server.connections()) {
  answer(client).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
