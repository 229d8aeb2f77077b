// Memory is filled, written, and filled anew once write has said true.
import { once } from "node:events";
import { connect, createServer } from "node:net";

const server = createServer({ pauseOnConnect: true }, async (socket) => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  let [at, isOther] = [0, false];
  for await (const chunk of socket) {
    for (const byte of chunk) isOther ||= byte !== ((at++ >> 12) & 255);
  }
  console.log(isOther ? "bytes came that were not written" : "all is right");
  server.close();
}).listen(0, "127.0.0.1", async () => {
  const client = connect(server.address().port, "127.0.0.1");
  const memory = new Uint8Array(4096);
  for (let i = 0; i < 4096; i++) {
    if (!client.write(memory.fill(i))) await once(client, "drain");
  }
  client.end();
});
