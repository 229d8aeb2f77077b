import assert from "node:assert/strict";
import { openRedis } from "../../examples/integrations/ioredis.ts";
import { ask, BIG, MANY, noise, PORT, run, until } from "./kit.ts";

await run(async () => {
  const redis = openRedis(PORT, {
    retryStrategy: () => 10,
    // What was under way at a restart fails, instead of being sent once more.
    maxRetriesPerRequest: 0,
  });
  redis.on("error", () => {});
  const pipeline = redis.pipeline();
  for (let i = 0; i < MANY; i++) pipeline.set(`k${i}`, i).get(`k${i}`);
  const results = await pipeline.exec();
  assert.equal(results?.length, 2 * MANY);
  results?.forEach(([error, value], i) => {
    assert.equal(error, null);
    assert.equal(String(value), i % 2 === 0 ? "OK" : String((i - 1) / 2));
  });

  const big = noise(BIG);
  await redis.set("big", big);
  assert.ok(big.equals((await redis.getBuffer("big"))!));

  const waiting = redis.blpop("nothing", 0).catch((error) => error);
  await ask("restart");
  assert.ok(await waiting instanceof Error);
  await until(() => redis.status === "ready");
  assert.equal(await redis.get("big"), null);

  const late = redis.blpop("nothing", 0).catch((error) => error);
  redis.disconnect();
  assert.match(String(await late), /closed/i);
  assert.equal(redis.status === "ready", false);
});
