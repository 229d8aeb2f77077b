/**
 * TLS with `node:tls` over the least Duplex around a socket of `node:net`: what
 * the uniform path of this library is measured against.
 */

import { type AddressInfo, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import { ready } from "../../echo/servers/control.ts";
import { cert, isSink, isSource, key, MESSAGE } from "./setup.ts";

function over(socket: Socket): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    if (!duplex.push(chunk)) socket.pause();
  });
  socket.on("end", () => duplex.push(null));
  socket.on("error", (error) => duplex.destroy(error));
  return duplex;
}

/** Bun says of whatever it is given that it is written. */
function sendForEver(socket: TLSSocket, below: Duplex): void {
  const isTrue = !("Bun" in globalThis);
  const send = (): void => {
    while (socket.write(MESSAGE) && isTrue);
    if (!isTrue) below.write(new Uint8Array(0), send);
  };
  if (isTrue) socket.on("drain", send);
  socket.resume();
  send();
}

function serve(socket: TLSSocket, below: Duplex): void {
  socket.on("error", () => socket.destroy());
  if (isSink) return void socket.on("data", () => {});
  if (isSource) return sendForEver(socket, below);
  socket.on("data", (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on("drain", () => socket.resume());
}

const context = createSecureContext({ cert, key });
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const below = over(socket);
  const secured = new TLSSocket(below, {
    isServer: true,
    secureContext: context,
  });
  secured.once("secure", () => serve(secured, below));
});
server.listen(
  { host: "127.0.0.1", port: 0, backlog: 511 },
  () => ready((server.address() as AddressInfo).port),
);
