/**
 * What postgres.js does for a test, whichever of its builds it is.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { openPostgres } from "../../examples/integrations/postgres.ts";
import { ask, BIG, MANY, noise, turn } from "./kit.ts";

/** Many queries, a large value, a restart and an abort amid a query. */
export async function work(
  sql: ReturnType<typeof openPostgres>,
): Promise<void> {
  const sums = await Promise.all(
    Array.from({ length: MANY }, (_, i) => sql`select ${i}::int + 1 as sum`),
  );
  sums.forEach(([row], i) => assert.equal(row?.sum, i + 1));

  const big = noise(BIG);
  const [row] = await sql`select ${big}::bytea as big`;
  assert.ok(big.equals(row?.big));

  const sleeping = sql`select pg_sleep(60)`.catch((error) => error);
  // A query that has begun to run is one that a restart interrupts.
  await sql`select 1`;
  await ask("restart");
  assert.ok(await sleeping instanceof Error);
  const [again] = await sql`select 7 as seven`;
  assert.equal(again?.seven, 7);

  const query = sql`select pg_sleep(60)`;
  const late = query.catch((error) => error);
  // A call to cancel what has not begun is lost.
  const isAsleep = async () =>
    (await sql`select 1 from pg_stat_activity
    where wait_event = 'PgSleep' and state = 'active'`).length > 0;
  while (!await isAsleep()) await turn();
  query.cancel();
  assert.match(String(await late), /cancel/);
}
