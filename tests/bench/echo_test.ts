import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { lack as skip, runBench } from "./bench.ts";

test("bench echo measures every server and writes the rounds", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "echo.json");
    const { code, stdout, stderr } = await runBench(
      ...["echo", "--runtime", "bun", "--case", "1x64,download"],
      ...["--rounds", "1", "--seconds", "0.2", "--out", out],
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /2\/2 bun download/);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    assert.equal(rows.length, 7 + 5);
    for (const row of rows) {
      assert.equal(row.rounds.length, 1, `${row.server} ${row.case}`);
      for (const { ops, serverCpuSeconds, loadCpuSeconds } of row.rounds) {
        assert.ok(ops > 0 && serverCpuSeconds > 0 && loadCpuSeconds > 0);
      }
      const [{ p50Micros, p99Micros }] = row.rounds;
      assert.equal(
        p50Micros > 0 && p99Micros >= p50Micros,
        row.case === "1x64",
      );
    }
    const report = await runBench("report", out);
    assert.match(report.stdout, /\| 1 connection, 64 B echoed \| ours \|/);
  });
}, { skip, timeoutMs: 120_000 });

test("bench echo ends with 2 when a name is unknown", async () => {
  const { code, stderr } = await runBench("echo", "--case", "2x2");
  assert.match(stderr, /no "2x2"; there is 1x64, /);
  assert.equal(code, 2);
}, { skip });

test("bench names its suites when the suite is unknown", async () => {
  const { code, stdout } = await runBench("knitting");
  assert.match(stdout, /Suites: .*echo/);
  assert.equal(code, 2);
}, { skip });
