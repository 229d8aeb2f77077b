// A read fails by a reset. What does the next one say?
import { connect, createServer } from "node:net";

const server = createServer((socket) => socket.resetAndDestroy());
server.listen(0, "127.0.0.1", async () => {
  const client = connect(server.address().port, "127.0.0.1");
  const chunks = client[Symbol.asyncIterator]();
  const told = ({ done }) => done ? "an end" : "bytes";
  const read = () => chunks.next().then(told, (error) => error.code);
  console.log(await read(), "then", await read());
  server.close();
});
