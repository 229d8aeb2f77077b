import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { lack, runBench } from "./bench.ts";

test("bench simulation measures every load", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "simulation.json");
    const { stdout } = await runBench(
      ...["simulation", "--runtime", "bun", "--rounds", "1", "--scale", "0.01"],
      ...["--out", out],
    );
    assert.match(stdout, /^bun +100 programs that wait +\d/m);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    assert.equal(rows.length, 6);
    for (const { rounds } of rows) {
      assert.equal(rounds.length, 1);
      assert.ok(rounds[0].ms > 0 && rounds[0].events > 0);
      assert.ok(rounds[0].virtualMs > 0 && rounds[0].peakBytes > 1e6);
    }
  });
}, { skip: lack, timeoutMs: 60_000 });
