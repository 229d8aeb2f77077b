import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { openSsh } from "../../examples/integrations/ssh2.ts";
import { ask, BIG, MANY, noise, PORT, run } from "./kit.ts";

const CONFIG = {
  username: process.argv[4]!,
  privateKey: readFileSync(process.argv[3]!),
};

type Client = Awaited<ReturnType<typeof openSsh>>;

async function ready(): Promise<Client> {
  const client = await openSsh(PORT, CONFIG);
  // Told at its end as well, where the server is gone.
  client.on("error", () => {});
  await once(client, "ready");
  return client;
}

/** What a command of the server's says to `input`. */
function said(
  client: Client,
  command: string,
  input: Buffer | string = "",
): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const chunks: Buffer[] = [];
      channel.on("data", (chunk: Buffer) => chunks.push(chunk));
      channel.on("close", () => resolve(Buffer.concat(chunks)));
      channel.end(input);
    })
  );
}

await run(async () => {
  const client = await ready();
  const lines = Array.from({ length: MANY }, (_, i) => `line ${i}\n`).join("");
  // Each by a channel of its own, all on the one connection.
  const texts = await Promise.all(
    Array.from({ length: 8 }, () => said(client, "cat", lines)),
  );
  assert.ok(texts.every((text) => text.toString() === lines));

  const big = noise(BIG);
  const echoed = await said(client, "cat", big);
  assert.ok(big.equals(echoed));

  // A command under way does not hold what is destroyed.
  const ended = once(client, "close");
  await new Promise((begun) => client.exec("sleep 60", begun));
  client.destroy();
  await ended;
  await ask("restart");

  const next = await ready();
  assert.equal((await said(next, "echo again")).toString(), "again\n");
  const closed = once(next, "close");
  next.end();
  await closed;
});
