/**
 * The HOWTO's client: sends a request, shuts its sending side down, reads to
 * the end, and tells how much came and its SHA-256.
 *
 *     client.ts PORT           prints progress and one line of JSON
 */

import { createHash } from "node:crypto";
import { AF_INET, SHUT_WR, SOCK_STREAM, socket } from "../../mod.ts";
import { REQUEST } from "./wire.ts";

const PROGRESS_BYTES = 16 * 2 ** 20;

const server = socket(AF_INET, SOCK_STREAM);
const start = performance.now();
await server.connect(["127.0.0.1", Number(process.argv[2])]);
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
  console.log(`${bytes}`);
}
const seconds = (performance.now() - start) / 1000;
await server.close();
console.log(JSON.stringify({ bytes, seconds, digest: hash.digest("hex") }));
