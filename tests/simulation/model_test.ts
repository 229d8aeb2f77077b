/** Random operations on sockets in memory and over bad links, against a model. */

import { connect, listen, type StreamSocket } from "../../src/socket/mod.ts";
import {
  type LinkRules,
  memoryNetwork,
  simulate,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { keepsToModel, type Pair } from "../socket/stream/model.ts";

test("random operations on a pair in memory keep to the model", async () => {
  const runtime = memoryNetwork({ seed: 5 });
  await using listener = await listen("127.0.0.1:7", { runtime });
  await keepsToModel(async (use) => {
    const client = await connect("127.0.0.1:7", { runtime });
    const [server] = await listener.accept();
    try {
      await use({ sockets: [client, server], run: (_, body) => body() });
    } finally {
      await Promise.all([client.close(), server.close()]);
    }
  }, 60);
});

const LINKS: Readonly<Record<string, LinkRules>> = {
  "with jitter": { latencyMs: [1, 30], chunkBytes: [1, 600] },
  "that loses": { latencyMs: [1, 5], lossRate: 0.1 },
};

for (const [name, network] of Object.entries(LINKS)) {
  test(`random operations over a link ${name} keep to the model`, async () => {
    await keepsToModel(async (use) => {
      await simulate(async (sim) => {
        let server: StreamSocket | undefined;
        const hosts = [
          sim.host("client"),
          sim.host("server", async () => {
            const listener = await listen("0.0.0.0:7");
            [server] = await listener.accept();
            await listener.close();
          }),
        ];
        const run: Pair["run"] = (end, body) => hosts[end]!.run(body);
        const client = await run(0, () => connect("server:7"));
        while (server === undefined) await sim.sleep(1);
        await use({ sockets: [client, server], run });
      }, { network });
    }, 30);
  });
}
