import assert from "node:assert/strict";
import { openRedis } from "../../examples/integrations/redis.ts";
import { ask, BIG, MANY, noise, PORT, run, until } from "./kit.ts";

await run(async () => {
  const redis = openRedis(PORT);
  redis.on("error", () => {});
  await redis.connect();
  const values = await Promise.all(
    Array.from({ length: MANY }, async (_, i) => {
      await redis.set(`k${i}`, `${i}`);
      return await redis.get(`k${i}`);
    }),
  );
  assert.ok(values.every((value, i) => value === `${i}`));

  const big = noise(BIG).toString("latin1");
  await redis.set("big", big);
  assert.equal(await redis.get("big"), big);

  const waiting = redis.blPop("nothing", 0).catch((error) => error);
  await ask("restart");
  await until(() => redis.isReady);
  assert.equal(await redis.get("big"), null);

  const late = redis.get("big").catch((error) => error);
  redis.destroy();
  await late;
  await waiting;
});
