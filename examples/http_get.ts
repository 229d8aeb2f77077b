/**
 * Fetches a page with HTTP/1.0, where the end of the connection is the end of
 * the page. The headers go to standard error, the page to standard output.
 *
 *     deno run --allow-net examples/http_get.ts http://127.0.0.1:8080/page
 *     bun examples/http_get.ts http://127.0.0.1:8080/page
 *     node examples/http_get.ts http://127.0.0.1:8080/page     (Node 22.18; on 20: .mjs)
 */

import { connect } from "anysock";

const url = new URL(process.argv[2] ?? "http://localhost/");
const hostname = url.hostname.replace(/^\[|\]$/g, ""); // "[::1]" is "::1"
const sock = await connect(
  { hostname, port: Number(url.port || 80) },
  { timeoutMs: 10_000 },
);
await sock.sendAll(
  `GET ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\n\r\n`,
);

const head = await sock.recvUntil("\r\n\r\n", { maxBytes: 65_536 });
const [status = "", ...headers] = new TextDecoder().decode(head).split("\r\n");
console.error([status, ...headers].join("\n"));

for await (const chunk of sock) {
  // Wait for a slow reader, so that memory stays small.
  await new Promise((written) => process.stdout.write(chunk, written));
}
await sock.close();
process.exitCode = /^HTTP\/1\.\d 2/.test(status) ? 0 : 1;
