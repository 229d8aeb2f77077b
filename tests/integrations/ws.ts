import assert from "node:assert/strict";
import { once } from "node:events";
import { type InetAddress, listen } from "../../mod.ts";
import {
  openWebSocket,
  serveWebSockets,
} from "../../examples/integrations/ws.ts";
import { BIG, MANY, nextEvent, noise, run } from "./kit.ts";

await run(async () => {
  const serve = async (port: number) => {
    const listener = await listen(`127.0.0.1:${port}`);
    serveWebSockets(listener).on("connection", (peer) => {
      peer.on("message", (data, isBinary) => {
        if (String(data) === "go") peer.terminate();
        else peer.send(data as Buffer, { binary: isBinary });
      });
    });
    return listener;
  };
  const listener = await serve(0);
  const { port } = listener.getSockName() as InetAddress;
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

  await listener.close();
  const anew = await serve(port);
  const next = openWebSocket(`ws://127.0.0.1:${port}/`);
  await once(next, "open");
  const answer = once(next, "message");
  next.send("anew");
  assert.equal(String((await answer)[0]), "anew");
  next.close(1000);
  assert.equal((await once(next, "close"))[0], 1000);

  const early = openWebSocket(`ws://127.0.0.1:${port}/`);
  const failed = once(early, "error");
  early.terminate();
  await failed;
  await anew.close();
  const late = openWebSocket(`ws://127.0.0.1:${port}/`);
  const [error] = await once(late, "error");
  assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
});
