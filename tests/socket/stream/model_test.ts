/** Random operations on sockets of this kernel, against a model. */

import { connect, listen } from "../../../src/socket/mod.ts";
import { test } from "../../harness.ts";
import { keepsToModel } from "./model.ts";

test("random operations on a pair of this kernel keep to the model", async () => {
  await using listener = await listen("127.0.0.1:0", { abortive: true });
  await keepsToModel(async (use) => {
    const client = await connect(listener.getSockName(), { abortive: true });
    const [server] = await listener.accept();
    try {
      await use({ sockets: [client, server], run: (_, body) => body() });
    } finally {
      await Promise.all([client.close(), server.close()]);
    }
  }, 40);
});
