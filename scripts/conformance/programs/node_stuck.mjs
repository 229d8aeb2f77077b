// Who waits for a peer that does not read closes his own end.
import { connect, createServer } from "node:net";
const server = createServer({ pauseOnConnect: true });
server.listen(0, "127.0.0.1", async () => {
  for (const close of ["destroySoon", "destroy"]) {
    const client = connect(server.address().port, "127.0.0.1");
    client.on("drain", () => console.log(close, "drain"));
    client.write(new Uint8Array(64_000_000));
    setTimeout(() => client[close](), 100);
    await new Promise((resolve) => setTimeout(resolve, 600));
    console.log(`${close} told nobody, closed: ${client.closed}`);
  }
  process.exit();
});
