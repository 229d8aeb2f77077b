/**
 * The HOWTO's client: sends a request, shuts its sending side down, reads to
 * the end, and tells how much came and its SHA-256.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { AF_INET, SHUT_WR, SOCK_STREAM, socket } from "../../mod.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit.ts";
import { line } from "../io.ts";
import { type Received, REQUEST } from "./wire.ts";

const PROGRESS_BYTES = 16 * 2 ** 20;

/** Prints how much has come, now and then, and one line of JSON at the end. */
export const matrixClient: Command = {
  name: "matrix-client",
  takes: "PORT",
  words: [1, 1],
  summary: "a client of the matrix",
  about: "It is started by `anysock matrix`.",
  options: {},
  examples: [],
  async run({ words: [port] }, { output }) {
    const told = (bytes: number) => line(output, `${bytes}`);
    const received = await fetchFrom(Number(port), told);
    await line(output, JSON.stringify(received));
    return EXIT_OK;
  },
};

async function fetchFrom(
  port: number,
  tell: (bytes: number) => Promise<void>,
): Promise<Received> {
  const server = socket(AF_INET, SOCK_STREAM);
  const start = performance.now();
  await server.connect(["127.0.0.1", port]);
  await server.sendAll(REQUEST);
  await server.shutdown(SHUT_WR);

  const hash = createHash("sha256");
  let bytes = 0;
  let told = 0;
  for await (const chunk of server) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes - told < PROGRESS_BYTES) continue;
    told = bytes;
    await tell(bytes);
  }
  const seconds = (performance.now() - start) / 1000;
  await server.close();
  return { bytes, seconds, digest: hash.digest("hex") };
}
