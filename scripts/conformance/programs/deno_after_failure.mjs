// A read fails by a reset. What does the next one say?
import { createServer } from "node:net";
const reset = (socket) => setTimeout(() => socket.resetAndDestroy(), 50);
const server = createServer(reset).listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const told = (count) => count === null ? "an end" : "bytes";
  const memory = new Uint8Array(10);
  const read = () => conn.read(memory).then(told, (error) => error.code);
  console.log(await read(), "then", await read());
  Deno.exit();
});
