import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { aliasCloudflare } from "../../examples/integrations/cloudflare.ts";
import { repositoryRoot } from "../runtimes.ts";
import { ask, BIG, MANY, noise, PORT, run } from "./kit.ts";

aliasCloudflare();
// What a bundler takes for a worker.
const path = "examples/integrations/node_modules/postgres/cf/src/index.js";
const { href } = pathToFileURL(join(repositoryRoot(), path));
const { default: postgres } = await import(href);

await run(async () => {
  const options = { host: "127.0.0.1", port: PORT, user: "postgres" };
  const sql = postgres({ ...options, max: 2, onclose: () => {} });
  const sums = await Promise.all(
    Array.from({ length: MANY }, (_, i) => sql`select ${i}::int + 1 as sum`),
  );
  sums.forEach(([row], i) => assert.equal(row?.sum, i + 1));
  const big = noise(BIG);
  const [row] = await sql`select ${big}::bytea as big`;
  assert.ok(big.equals(row?.big));

  const sleeping = sql`select pg_sleep(60)`.catch((error: Error) => error);
  // A query that has begun to run is one that a restart interrupts.
  await sql`select 1`;
  await ask("restart");
  assert.ok(await sleeping instanceof Error);
  const [again] = await sql`select 7 as seven`;
  assert.equal(again?.seven, 7);
  await sql.end({ timeout: 1 });
});
