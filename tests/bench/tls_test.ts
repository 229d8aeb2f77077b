import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { withTempDir } from "../temp.ts";
import { lack, runBench } from "./bench.ts";

test("bench tls measures both paths beside node:tls", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "tls.json");
    const { stdout } = await runBench(
      ...["tls", "--runtime", "node26", "--case", "echo", "--rounds", "1"],
      ...["--seconds", "0.2", "--out", out],
    );
    assert.match(stdout, /^node26 +echo +ours_native +\d/m);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    assert.equal(rows.length, 5);
    for (const { rounds } of rows) {
      assert.ok(rounds[0].ops > 0 && rounds[0].serverCpuSeconds > 0);
    }
  });
}, { skip: lack || (lackOfOpenssl() ?? false), timeoutMs: 60_000 });
