// Memory is filled, written, and filled anew once write has said true.
import { connect, createServer } from "node:net";
const [memory, came] = [new Uint8Array(4096), new Set()];
const server = createServer((socket) => {
  socket.on("data", (chunk) => chunk.forEach((byte) => came.add(byte)));
  socket.on("end", () => console.log("came:", ...came));
}).unref().listen(0, "127.0.0.1", () => {
  const client = connect(server.address().port, "127.0.0.1");
  for (const byte of [1, 2, 3]) console.log(client.write(memory.fill(byte)));
  client.end();
});
