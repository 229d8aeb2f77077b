import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { lack, runBench } from "./bench.ts";

test("bench polling measures few and many sockets in turns", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "polling.json");
    const { stdout } = await runBench(
      ...[
        "polling",
        "--runtime",
        "bun",
        "--registered",
        "20,200",
        "--rounds",
        "2",
      ],
      ...["--selects", "20", "--out", out],
    );
    assert.match(stdout, /^bun +200 +\d+\.\d/m);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    assert.deepEqual(
      rows.map((row: { registered: number }) => row.registered),
      [20, 200],
    );
    for (const { rounds } of rows) {
      assert.equal(rounds.length, 2);
      for (const { readyMicros, idleMicros } of rounds) {
        assert.ok(readyMicros > 0 && idleMicros > 0);
      }
    }
  });
}, { skip: lack, timeoutMs: 60_000 });

test(
  "bench polling skips what needs more descriptors than there are",
  async () => {
    const { code, stdout } = await runBench(
      ...[
        "polling",
        "--runtime",
        "bun",
        "--registered",
        "900000000",
        "--out",
        "none",
      ],
    );
    assert.match(stdout, /needs 900000200 descriptors, the hard limit is \d+/);
    assert.equal(code, 1);
  },
  { skip: lack },
);

test("bench polling ends with 2 when it is asked for nonsense", async () => {
  for (const args of [["--runtime", "cobol"], ["--registered", "3"]]) {
    const { code } = await runBench("polling", ...args);
    assert.equal(code, 2);
  }
}, { skip: lack });
