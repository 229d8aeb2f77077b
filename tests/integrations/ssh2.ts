import assert from "node:assert/strict";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { type InetAddress, listen } from "../../mod.ts";
import { openSsh, serveSsh } from "../../examples/integrations/ssh2.ts";
import { BIG, MANY, nextEvent, noise, run } from "./kit.ts";

const KEY = readFileSync(process.argv[3]!);
const USER = { username: "u", password: "p" };

await run(async () => {
  const listener = await listen("127.0.0.1:0");
  const { port } = listener.getSockName() as InetAddress;
  const server = serveSsh(listener, { hostKeys: [KEY] });
  server.on("connection", (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => context.accept());
    client.on(
      "session",
      (accept) =>
        accept().on("exec", (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          if (command === "go") return client.end();
          if (command !== "cat") {
            channel.write(command);
            channel.exit(0);
            return channel.end();
          }
          channel.pipe(channel);
          channel.on("end", () => channel.exit(0));
        }),
    );
  });
  const client = await openSsh(port, USER);
  client.on("error", () => {});
  await once(client, "ready");
  const said = async (command: string): Promise<string> =>
    await new Promise((resolve, reject) =>
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let text = "";
        channel.on("data", (chunk: Buffer) => text += chunk);
        channel.on("close", () => resolve(text));
      })
    );
  for (let i = 0; i < MANY / 100; i++) {
    const texts = await Promise.all(
      Array.from({ length: 5 }, (_, k) => said(`${i} ${k}`)),
    );
    texts.forEach((text, k) => assert.equal(text, `${i} ${k}`));
  }

  const lines = Array.from({ length: MANY }, (_, i) => `${i}\n`);
  await new Promise<void>((resolve, reject) =>
    client.exec("cat", (error, channel) => {
      if (error) return reject(error);
      let text = "";
      channel.on("data", (chunk: Buffer) => text += chunk);
      channel.on("close", () => {
        assert.equal(text, lines.join(""));
        resolve();
      });
      for (const line of lines) channel.write(line);
      channel.end();
    })
  );

  const big = noise(BIG);
  const hash = createHash("sha256");
  let length = 0;
  await new Promise<void>((resolve, reject) =>
    client.exec("cat", (error, channel) => {
      if (error) return reject(error);
      channel.on("data", (chunk: Buffer) => {
        hash.update(chunk);
        length += chunk.length;
      });
      channel.on("close", () => resolve());
      channel.end(big);
    })
  );
  assert.equal(length, BIG);
  assert.equal(
    hash.digest("hex"),
    createHash("sha256").update(big).digest("hex"),
  );

  const closed = nextEvent(client, "close");
  client.exec("go", () => {});
  await closed;

  const next = await openSsh(port, USER);
  next.on("error", () => {});
  await once(next, "ready");
  next.destroy();
  await once(next, "close");
  await listener.close();
});
