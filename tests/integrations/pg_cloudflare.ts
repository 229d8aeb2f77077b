import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { aliasCloudflare } from "../../examples/integrations/cloudflare.ts";
import { openPostgres } from "../../examples/integrations/pg.ts";
import { repositoryRoot } from "../runtimes.ts";
import { ask, BIG, MANY, noise, PORT, run } from "./kit.ts";

// What pg itself takes where it finds itself in a worker.
const path = "examples/integrations/node_modules/pg-cloudflare/dist/index.js";
const file = join(repositoryRoot(), path);
const { CloudflareSocket } = createRequire(file)(file);

await run(async () => {
  aliasCloudflare();
  const open = async () => {
    const client = openPostgres(PORT, {
      stream: () => new CloudflareSocket(false),
    });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const client = await open();
  const sums = await Promise.all(
    Array.from(
      { length: MANY },
      (_, i) => client.query("select $1::int + 1 as sum", [i]),
    ),
  );
  sums.forEach(({ rows }, i) => assert.equal(rows[0].sum, i + 1));
  const big = noise(BIG);
  const { rows } = await client.query("select $1::bytea as big", [big]);
  assert.ok(big.equals(rows[0].big));

  const sleeping = client.query("select pg_sleep(60)").catch((error) => error);
  await ask("restart");
  assert.ok(await sleeping instanceof Error);
  const next = await open();
  const again = await next.query("select 7 as seven");
  assert.equal(again.rows[0].seven, 7);
  await next.end();
});
