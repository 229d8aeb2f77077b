/** Work for the benchmark of the adapters: CPU per operation of ioredis. */

import process from "node:process";
import {
  openOwnRedis,
  openRedis,
} from "../../examples/integrations/ioredis.ts";
import { noise, PORT, run } from "./kit.ts";

const [, , , row = "ping", sockets = "ours", scale = "1"] = process.argv;
const PINGS = 10_000 * Number(scale);
const PIPELINE = 20_000;
const VALUES = 20 * Number(scale);

await run(async () => {
  const redis = sockets === "own" ? openOwnRedis(PORT) : openRedis(PORT);
  const value = noise(4 << 20);
  const work = {
    ping: async (count: number) => {
      for (let i = 0; i < count; i++) await redis.ping();
    },
    pipeline: async (count: number) => {
      for (let done = 0; done < count; done += PIPELINE) {
        const pipeline = redis.pipeline();
        for (let i = 0; i < PIPELINE; i++) pipeline.set("key", "value");
        await pipeline.exec();
      }
    },
    values: async (count: number) => {
      for (let i = 0; i < count; i++) {
        await redis.set("value", value);
        await redis.getBuffer("value");
      }
    },
  };
  const counts = { ping: PINGS, pipeline: PINGS * 10, values: VALUES };
  const name = row as keyof typeof work;
  const count = counts[name];
  await work[name](Math.ceil(count / 4));
  const before = process.cpuUsage();
  await work[name](count);
  const { user, system } = process.cpuUsage(before);
  console.log(`micros ${(user + system) / count}`);
  redis.disconnect();
});
