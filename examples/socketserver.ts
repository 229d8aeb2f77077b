/**
 * The program of unit 10's "4-SocketServer.py", for TCP and, with `udp`, for
 * UDP: sends back what it receives, in capitals.
 *
 *     deno run --allow-net examples/socketserver.ts [tcp|udp] [port]
 *     bun examples/socketserver.ts [tcp|udp] [port]
 *     node examples/socketserver.ts [tcp|udp] [port]   (Node 22.18; on 20: .mjs)
 */

import { formatAddress, parseAddress } from "anysock";
import {
  BaseRequestHandler,
  type DatagramRequest,
  TcpServer,
  UdpServer,
} from "anysock/server";

const upper = (data: Uint8Array) =>
  new TextDecoder().decode(data).toUpperCase();

/** An object for each client: `handle` serves it from beginning to end. */
class MyTcpHandler extends BaseRequestHandler {
  override async handle(): Promise<void> {
    // this.request is the connected socket
    for await (const data of this.request) {
      console.log(formatAddress(this.clientAddress), "wrote", data.length);
      await this.request.sendAll(upper(data));
    }
  }
}

/** An object for each datagram. */
class MyUdpHandler extends BaseRequestHandler<DatagramRequest> {
  override async handle(): Promise<void> {
    // this.request is the datagram, and the socket to answer by
    const [data, socket] = this.request;
    console.log(formatAddress(this.clientAddress), "wrote", data.length);
    await socket.sendTo(upper(data), this.clientAddress);
  }
}

const [kind = "tcp", port = "9999"] = process.argv.slice(2);
const myaddr = parseAddress(`127.0.0.1:${port}`);
const server = kind === "udp"
  ? new UdpServer(myaddr, MyUdpHandler)
  : new TcpServer(myaddr, MyTcpHandler);
await server.activated;
console.log("Listening on", formatAddress(server.socket.getSockName()));
await server.serveForever();
