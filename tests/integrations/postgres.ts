import assert from "node:assert/strict";
import { openPostgres } from "../../examples/integrations/postgres.ts";
import { PORT, run, turn } from "./kit.ts";
import { work } from "./postgres_work.ts";

await run(async () => {
  const sql = openPostgres(PORT);
  await work(sql);

  const query = sql`select pg_sleep(60)`;
  const late = query.catch((error) => error);
  // A call to cancel what has not begun is lost.
  const isAsleep = async () =>
    (await sql`select 1 from pg_stat_activity
    where wait_event = 'PgSleep' and state = 'active'`).length > 0;
  while (!await isAsleep()) await turn();
  query.cancel();
  assert.match(String(await late), /cancel/);
  await sql.end({ timeout: 1 });
});
