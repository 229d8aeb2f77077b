// A server says its last words and closes, without having read everything.
import { connect, createServer } from "node:net";

const server = createServer((socket) => {
  socket.on("error", () => {}).write(new Uint8Array(400_000));
  socket.destroySoon();
});
server.listen(0, "127.0.0.1", () => {
  let count = 0;
  const client = connect(server.address().port, "127.0.0.1");
  client.write(new Uint8Array(4_000_000));
  setTimeout(() => client.on("data", (chunk) => count += chunk.length), 100);
  client.on("error", () => {}).on("close", () => {
    console.log(count < 400_000 ? "bytes are missing" : "all came");
    server.close();
  });
});
