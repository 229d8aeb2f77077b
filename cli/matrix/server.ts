/**
 * The HOWTO's server: answers a request with the bytes of a file and closes.
 * A request is complete when the client has shut its sending side down.
 *
 * @module
 */

import { open } from "node:fs/promises";
import { AF_INET, SOCK_STREAM, socket, type StreamSocket } from "../../mod.ts";
import type { Command } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../exit.ts";
import { type Io, line } from "../io.ts";
import { REQUEST } from "./wire.ts";

const CHUNK_BYTES = 256 * 1024;

/** Prints its port, and ends with its standard input. */
export const matrixServer: Command = {
  name: "matrix-server",
  takes: "FILE BYTES",
  words: [2, 2],
  summary: "a server of the matrix",
  about: "It is started by `anysock matrix`.",
  options: {},
  examples: [],
  run: ({ words: [path = "", bytes] }, io) => serve(path, Number(bytes), io),
};

async function serve(path: string, limit: number, io: Io): Promise<number> {
  const server = socket(AF_INET, SOCK_STREAM);
  await server.bind(["127.0.0.1", 0]);
  await server.listen(5);
  const address = server.getSockName();
  await line(io.output, `${address.family === "unix" ? "" : address.port}`);
  void untilEnd(io.input).then(() => server.close());
  let code = EXIT_OK;
  for await (const [client] of server.connections()) {
    answer(client, path, limit).catch(async (error) => {
      code = EXIT_FAILED;
      await line(io.errors, `${error}`);
    });
  }
  return code;
}

async function untilEnd(input: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of input);
}

async function answer(
  client: StreamSocket,
  path: string,
  limit: number,
): Promise<void> {
  let request = "";
  const decoder = new TextDecoder();
  for await (const chunk of client) {
    request += decoder.decode(chunk, { stream: true });
    if (request.length > REQUEST.length) break;
  }
  if (request === REQUEST) await sendFile(client, path, limit);
  await client.close();
}

async function sendFile(
  client: StreamSocket,
  path: string,
  limit: number,
): Promise<void> {
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
