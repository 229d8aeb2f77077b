import assert from "node:assert/strict";
import { once } from "node:events";
import { type InetAddress, listen } from "../../mod.ts";
import {
  openWebSocket,
  serveWebSockets,
} from "../../examples/integrations/ws.ts";
import { BIG, MANY, nextEvent, noise, run } from "./kit.ts";

await run(async () => {
  const listener = await listen("127.0.0.1:0");
  const { port } = listener.getSockName() as InetAddress;
  const server = serveWebSockets(listener);
  server.on("connection", (peer) => {
    peer.on("message", (data, isBinary) => {
      if (String(data) === "go") peer.terminate();
      else peer.send(data as Buffer, { binary: isBinary });
    });
  });
  const client = openWebSocket(`ws://127.0.0.1:${port}/`);
  await once(client, "open");
  const echoes: string[] = [];
  const all = new Promise<void>((resolve) =>
    client.on("message", (data, isBinary) => {
      if (!isBinary) echoes.push(String(data));
      if (echoes.length === MANY) resolve();
    })
  );
  for (let i = 0; i < MANY; i++) client.send(`${i}`);
  await all;
  assert.deepEqual(echoes, Array.from({ length: MANY }, (_, i) => `${i}`));

  const big = noise(BIG);
  const echoed = once(client, "message");
  client.send(big);
  assert.ok(big.equals((await echoed)[0]));

  const gone = nextEvent(client, "close");
  client.send("go");
  assert.equal((await gone)[0], 1006);

  const next = openWebSocket(`ws://127.0.0.1:${port}/`);
  await once(next, "open");
  next.close(1000);
  assert.equal((await once(next, "close"))[0], 1000);

  const early = openWebSocket(`ws://127.0.0.1:${port}/`);
  const failed = once(early, "error");
  early.terminate();
  await failed;
  await listener.close();
  const late = openWebSocket(`ws://127.0.0.1:${port}/`);
  const [error] = await once(late, "error");
  assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
});
