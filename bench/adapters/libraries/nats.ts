/** nats-core: messages of 100 bytes, and requests that it answers itself. */

import { openNats } from "../../../examples/integrations/nats.ts";
import { openNats as openOwn } from "../../../examples/integrations/own.ts";
import { isOwn, measure, PORT } from "./measure.ts";

/** So many are published before the server is waited for. */
const TOGETHER = 1_000;

await measure(async () => {
  const servers = `127.0.0.1:${PORT}`;
  const nc = isOwn ? await openOwn(PORT) : await openNats({ servers });
  nc.subscribe("echo", {
    callback: (_error, message) => void message.respond(message.data),
  });
  const message = new Uint8Array(100);
  return {
    rows: {
      "nats publish": {
        count: 100_000,
        run: async (count) => {
          for (let done = 0; done < count; done += TOGETHER) {
            for (let i = 0; i < TOGETHER; i++) nc.publish("topic", message);
            await nc.flush();
          }
        },
      },
      "nats request": {
        count: 5_000,
        run: async (count) => {
          for (let i = 0; i < count; i++) await nc.request("echo", message);
        },
      },
    },
    close: () => nc.close(),
  };
});
