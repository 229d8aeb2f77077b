/**
 * A UDP echo server: every datagram goes back to where it came from.
 *
 *     deno run --allow-net examples/udp_echo.ts [port]
 *     bun examples/udp_echo.ts [port]
 *     node examples/udp_echo.ts [port]          (Node 22.18; on 20: .mjs)
 */

import { AF_INET, formatAddress, SOCK_DGRAM, socket } from "anysock";

const HOST = "127.0.0.1"; // "" would be every interface of this machine
const PORT = Number(process.argv[2] ?? 50007);

const server = socket(AF_INET, SOCK_DGRAM);
await server.bind([HOST, PORT]);
console.log("Listening on", formatAddress(server.getSockName()));

for await (const [data, address] of server) {
  await server.sendTo(data, address);
}
