import { openPostgres } from "../../examples/integrations/postgres.ts";
import { PORT, run } from "./kit.ts";
import { work } from "./postgres_work.ts";

await run(async () => {
  const sql = openPostgres(PORT);
  await work(sql);
  await sql.end({ timeout: 1 });
});
