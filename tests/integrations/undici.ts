import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ask, openAgent } from "../../examples/integrations/undici.ts";
import { undiciConnector } from "../../src/node/mod.ts";
import { BIG, MANY, nextUncaught, noise, run } from "./kit.ts";

await run(async () => {
  const controller = new AbortController();
  const server = createServer((request, response) => {
    if (request.url === "/slow") return controller.abort();
    if (request.method === "GET") return void response.end(request.url);
    request.pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const agent = openAgent({ timeoutMs: 5_000 });
  for (let i = 0; i < MANY / 30; i++) {
    const texts = await Promise.all(
      Array.from(
        { length: 30 },
        async (_, k) => await (await ask(agent, `${base}/${i}/${k}`)).text(),
      ),
    );
    texts.forEach((text, k) => assert.equal(text, `/${i}/${k}`));
  }

  const body = noise(BIG);
  const echo = await ask(agent, base, { method: "POST", body });
  assert.ok(body.equals(Buffer.from(await echo.arrayBuffer())));

  const { signal } = controller;
  const slow = ask(agent, `${base}/slow`, { signal });
  await assert.rejects(slow, { name: "AbortError" });

  // As with undici's own: what its callback throws is nobody's to catch. The
  // socket is not left open, which the end of the program looks at.
  const connect = undiciConnector();
  const thrown = nextUncaught();
  const where = { hostname: "127.0.0.1", protocol: "http:", port: `${port}` };
  connect(where, () => {
    throw new Error("mine");
  });
  assert.equal((await thrown as Error).message, "mine");

  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  await stop();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  // What it had kept alive is over: a request may have met that.
  await ask(agent, base).catch(() => {});
  assert.equal(await (await ask(agent, `${base}/anew`)).text(), "/anew");

  await stop();
  await ask(agent, base).catch(() => {});
  const failure = await ask(agent, base).catch((error) => error);
  assert.equal(failure.cause.code, "ECONNREFUSED");
  await agent.close();
});
