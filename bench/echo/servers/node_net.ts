/** Echo with `node:net` and its `data` events. */

import { type AddressInfo, createServer, type Socket } from "node:net";
import { isSink, isSource, MESSAGE, ready } from "./control.ts";

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  if (isSink) {
    socket.on("data", () => {});
    return;
  }
  if (isSource) {
    const pour = (): void => {
      while (socket.write(MESSAGE));
    };
    socket.on("data", pour);
    socket.on("drain", pour);
    return;
  }
  socket.on("data", (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on("drain", () => socket.resume());
}

const server = createServer(serve);
server.listen(
  { host: "127.0.0.1", port: 0, backlog: 511 },
  () => ready((server.address() as AddressInfo).port),
);
