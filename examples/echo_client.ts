/**
 * The echo client of the socket module's manual (1998). Start the echo server
 * first.
 *
 *     deno run --allow-net examples/echo_client.ts [port]
 *     bun examples/echo_client.ts [port]
 *     node examples/echo_client.ts [port]          (Node 22.18; on 20: .mjs)
 */

import { AF_INET, SOCK_STREAM, socket } from "anysock";

const HOST = "127.0.0.1"; // the remote host
const PORT = Number(process.argv[2] ?? 50007); // the port the server uses

const sock = socket(AF_INET, SOCK_STREAM);
await sock.connect([HOST, PORT]);
await sock.sendAll("Hello, world");
const data = await sock.recv(1024);
await sock.close();

if (data === null) console.log("The server hung up");
else console.log("Received", new TextDecoder().decode(data));
