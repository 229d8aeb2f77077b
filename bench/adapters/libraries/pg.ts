/** pg: 200,000 rows of one answer, each of 100 characters and a number. */

import { openPostgres as openOwn } from "../../../examples/integrations/own.ts";
import { openPostgres } from "../../../examples/integrations/pg.ts";
import { isOwn, measure, PORT } from "./measure.ts";

const SQL = "select i, repeat('x', 100) as text from generate_series(1, $1) i";

await measure(async () => {
  const client = isOwn ? await openOwn(PORT) : openPostgres(PORT);
  await client.connect();
  const run = (count: number) => client.query(SQL, [count]);
  return {
    rows: { "pg rows": { count: 200_000, run } },
    close: () => client.end(),
  };
});
