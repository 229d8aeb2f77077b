/** TLS with `node:tls` on its own sockets. */

import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { ready } from "../../echo/servers/control.ts";
import { cert, isSink, isSource, key, MESSAGE } from "./setup.ts";

function serve(socket: TLSSocket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  if (isSink) return void socket.on("data", () => {});
  if (isSource) {
    const send = (): void => {
      while (socket.write(MESSAGE));
    };
    socket.on("drain", send).resume();
    return send();
  }
  socket.on("data", (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on("drain", () => socket.resume());
}

const server = createServer({ cert, key }, serve);
server.listen(
  { host: "127.0.0.1", port: 0, backlog: 511 },
  () => ready((server.address() as AddressInfo).port),
);
