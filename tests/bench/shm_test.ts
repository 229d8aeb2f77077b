import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { lack, runBench } from "./bench.ts";

test("bench shm measures channels beside sockets", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "shm.json");
    const { stdout } = await runBench(
      ...["shm", "--runtime", "bun", "--rounds", "1", "--count", "400"],
      ...["--out", out],
    );
    assert.match(stdout, /^bun +framed 64 B +\d/m);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    assert.equal(rows.length, 12);
    for (const { rounds } of rows) {
      assert.equal(rounds.length, 1);
      assert.ok(rounds[0].perSecond > 0 && rounds[0].cpuMicros > 0);
    }
  });
}, { skip: lack, timeoutMs: 60_000 });
