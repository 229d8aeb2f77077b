// Who waits for a peer that does not read closes his own end.
import { once } from "node:events";
import { connect, createServer } from "node:net";

const server = createServer({ pauseOnConnect: true });
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  for (const close of ["destroySoon", "destroy"]) {
    const client = connect(port, "127.0.0.1").on("error", () => {});
    let state = `${close}: the wait for drain never settles`;
    client.write(new Uint8Array(64_000_000));
    once(client, "drain").catch(() => state = `${close}: it was told`);
    setTimeout(() => client[close](), 100);
    setTimeout(() => console.log(`${state}, closed: ${client.closed}`), 600);
  }
  setTimeout(() => process.exit(), 700);
});
