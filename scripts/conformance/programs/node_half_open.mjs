// A server answers once the question has ended. Sockets end by themselves.
import { connect, createServer } from "node:net";
const server = createServer((socket) => {
  const answer = () => socket.end("the answer");
  socket.resume().on("end", () => setTimeout(answer, 50)).on("error", () => {});
}).unref().listen(0, "127.0.0.1", () => {
  let came = "";
  const client = connect(server.address().port, "127.0.0.1");
  client.end("the question").on("data", (chunk) => came += chunk);
  client.on("close", () => console.log(`what came: "${came}"`));
});
