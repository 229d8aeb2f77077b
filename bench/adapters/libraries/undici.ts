/** undici: a short answer and one of 10 MB, from nginx, one at a time. */

import { openAgent as openOwn } from "../../../examples/integrations/own.ts";
import { load, openAgent } from "../../../examples/integrations/undici.ts";
import { isOwn, measure, PORT } from "./measure.ts";

await measure(async () => {
  const agent = isOwn ? await openOwn() : openAgent();
  const get = (path: string) => async (count: number) => {
    for (let i = 0; i < count; i++) {
      await load(agent, `http://127.0.0.1:${PORT}/${path}`);
    }
  };
  return {
    rows: {
      "undici get": { count: 5_000, run: get("short") },
      "undici 10 MB": { count: 40, run: get("large") },
    },
    close: () => agent.close(),
  };
});
