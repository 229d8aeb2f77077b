import assert from "node:assert/strict";
import { openMysql } from "../../examples/integrations/mysql2.ts";
import { ask, BIG, MANY, noise, PORT, run } from "./kit.ts";

const USER = { user: "tester", password: "", database: "test" };

await run(async () => {
  const connection = await openMysql(PORT, USER);
  connection.on("error", () => {});
  const sums = await Promise.all(
    Array.from(
      { length: MANY },
      (_, i) => connection.query("select ? + 1 as sum", [i]),
    ),
  );
  sums.forEach(([rows], i) =>
    assert.equal(Number((rows as { sum: number }[])[0]?.sum), i + 1)
  );

  const big = noise(BIG);
  const [rows] = await connection.query("select ? as big", [big]);
  const echo = (rows as unknown as { big: unknown }[])[0]?.big;
  assert.ok(big.equals(Buffer.from(echo as Uint8Array)));

  const sleeping = connection.query("select sleep(60)").catch((error) => error);
  await ask("restart");
  assert.ok(await sleeping instanceof Error);

  const next = await openMysql(PORT, USER);
  next.on("error", () => {});
  const late = next.query("select sleep(60)");
  // It ends the stream, no more: the server is told, does not sleep on, and its
  // last answer still arrives.
  next.destroy();
  const [answers] = await late;
  assert.equal((answers as unknown[]).length, 1);
  await assert.rejects(next.query("select 1"), /closed/i);
  const last = await openMysql(PORT, USER);
  await last.end();
});
