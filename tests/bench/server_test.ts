import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isThere } from "../../bench/server/measure.ts";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { lack, runBench } from "./bench.ts";

const missing = ["redis-benchmark", "redis-cli", "redis-server", "wrk"]
  .find((program) => !isThere(program));

test("bench server measures servers beside the same by hand", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "server.json");
    const { stdout } = await runBench(
      ...["server", "--runtime", "bun", "--rounds", "1", "--load", "resp1"],
      ...["--server", "serve,native,redis", "--requests", "400"],
      ...["--warm", "0", "--out", out],
    );
    assert.match(stdout, /^bun +RESP, one by one +\d/m);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    const names = rows.map(({ server }: { server: string }) => server);
    assert.deepEqual(names, ["serve", "native", "redis"]);
    for (const { rounds } of rows) {
      assert.equal(rounds.length, 1);
      assert.ok(rounds[0].perSecond > 0);
    }
  });
}, {
  skip: lack || (missing !== undefined && `${missing} is missing`),
  timeoutMs: 60_000,
});
