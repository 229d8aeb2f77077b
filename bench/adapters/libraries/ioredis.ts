/** ioredis: a ping at a time, a pipeline of 20,000, values of 4 MB. */

import { openRedis } from "../../../examples/integrations/ioredis.ts";
import { openRedis as openOwn } from "../../../examples/integrations/own.ts";
import { noise } from "../../../tests/integrations/kit.ts";
import { isOwn, measure, PORT } from "./measure.ts";

const PIPELINE = 20_000;

await measure(async () => {
  const redis = isOwn ? await openOwn(PORT) : openRedis(PORT);
  const value = noise(4 << 20);
  return {
    rows: {
      ping: {
        count: 20_000,
        run: async (count) => {
          for (let i = 0; i < count; i++) await redis.ping();
        },
      },
      pipeline: {
        count: 4 * PIPELINE,
        run: async (count) => {
          for (let done = 0; done < count; done += PIPELINE) {
            const pipeline = redis.pipeline();
            for (let i = 0; i < PIPELINE; i++) pipeline.set("key", "value");
            await pipeline.exec();
          }
        },
      },
      values: {
        count: 40,
        run: async (count) => {
          for (let i = 0; i < count; i++) {
            await redis.set("value", value);
            await redis.getBuffer("value");
          }
        },
      },
    },
    close: () => redis.disconnect(),
  };
});
