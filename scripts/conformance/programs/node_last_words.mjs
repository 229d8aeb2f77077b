// A server says its last words and closes, without having read everything.
import { connect, createServer } from "node:net";
const server = createServer((socket) => {
  socket.on("error", () => {}).write(new Uint8Array(400_000));
  socket.destroySoon();
}).unref().listen(0, "127.0.0.1", () => {
  const client = connect(server.address().port, "127.0.0.1");
  client.on("error", () => {}).write(new Uint8Array(4_000_000));
  setTimeout(() => client.resume(), 100);
  client.on("close", () => console.log("lost:", client.bytesRead < 400_000));
});
