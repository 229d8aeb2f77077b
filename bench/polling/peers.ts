/** The other ends: an echo server that says on which port it listens. */

import { type AddressInfo, createServer } from "node:net";

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 511 }, () => {
  console.log(`ready ${(server.address() as AddressInfo).port}`);
});
process.stdin.resume().once("end", () => process.exit(0));
