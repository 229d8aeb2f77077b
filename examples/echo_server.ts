/**
 * The echo server of the socket module's manual (1998): serves one client and
 * sends back all that it receives.
 *
 *     deno run --allow-net examples/echo_server.ts [port]
 *     bun examples/echo_server.ts [port]
 *     node examples/echo_server.ts [port]          (Node 22.18; on 20: .mjs)
 */

import { AF_INET, formatAddress, SOCK_STREAM, socket } from "anysock";

const HOST = "127.0.0.1"; // "" would be every interface of this machine
const PORT = Number(process.argv[2] ?? 50007);

const server = socket(AF_INET, SOCK_STREAM);
await server.bind([HOST, PORT]);
await server.listen(1);
console.log("Listening on", formatAddress(server.getSockName()));

const [conn, address] = await server.accept();
console.log("Connected by", formatAddress(address));
for (;;) {
  const data = await conn.recv(1024);
  if (data === null) break;
  await conn.sendAll(data);
}
await conn.close();
await server.close();
