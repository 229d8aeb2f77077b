import assert from "node:assert/strict";
import { openPostgres } from "../../examples/integrations/pg.ts";
import { ask, BIG, MANY, noise, PORT, run } from "./kit.ts";

await run(async () => {
  const client = openPostgres(PORT);
  client.on("error", () => {});
  await client.connect();
  const sums = await Promise.all(
    Array.from(
      { length: MANY },
      (_, i) => client.query("select $1::int + 1 as sum", [i]),
    ),
  );
  sums.forEach(({ rows }, i) => assert.equal(rows[0].sum, i + 1));
  const { rows } = await client.query(
    "select i, repeat('x', 100) as text from generate_series(1, 50000) i",
  );
  assert.equal(rows.length, 50_000);

  const big = noise(BIG);
  const echo = await client.query("select $1::bytea as big", [big]);
  assert.ok(big.equals(echo.rows[0].big));

  const sleeping = client.query("select pg_sleep(60)").catch((error) => error);
  await ask("restart");
  assert.ok(await sleeping instanceof Error);
  await client.end().catch(() => {});

  const next = openPostgres(PORT);
  next.on("error", () => {});
  await next.connect();
  const late = next.query("select pg_sleep(60)").catch((error) => error);
  // pg has no abort: it destroys its stream.
  (next as unknown as { connection: { stream: { destroy(): void } } })
    .connection.stream.destroy();
  assert.ok(await late instanceof Error);
  const last = openPostgres(PORT);
  await last.connect();
  await last.end();
});
