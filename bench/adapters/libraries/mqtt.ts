/** mqtt: messages of 100 bytes with QoS 1, 100 on their way at a time. */

import { once } from "node:events";
import { openMqtt } from "../../../examples/integrations/mqtt.ts";
import { openMqtt as openOwn } from "../../../examples/integrations/own.ts";
import { isOwn, measure, PORT } from "./measure.ts";

const TOGETHER = 100;

await measure(async () => {
  const client = isOwn ? await openOwn(PORT) : openMqtt(PORT);
  await once(client as unknown as EventTarget, "connect");
  const message = "x".repeat(100);
  const run = async (count: number) => {
    for (let done = 0; done < count; done += TOGETHER) {
      await Promise.all(
        Array.from(
          { length: TOGETHER },
          () => client.publishAsync("topic", message, { qos: 1 }),
        ),
      );
    }
  };
  return {
    rows: { "mqtt QoS 1": { count: 10_000, run } },
    close: () => client.endAsync(),
  };
});
