// A peer resets right behind its bytes. What is told to who reads then?
import { once } from "node:events";
import { connect, createServer } from "node:net";

const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
await once(server, "listening");
const accepted = once(server, "connection");
const { port } = server.address();
const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
await once(client, "connect");
const [socket] = await accepted;
client.on("end", () => console.log("an end"));
client.on("error", (error) => console.log(error.code));
socket.write(new Uint8Array(1000), () => {
  socket.resetAndDestroy();
  client.on("readable", () => client.read());
});
setTimeout(() => process.exit(), 200);
