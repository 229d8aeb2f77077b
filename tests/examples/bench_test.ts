import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { test } from "../harness.ts";
import { environment, findRuntime, repositoryRoot } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import { runtimeHere, watch } from "./programs.ts";

const node = findRuntime("node26");
const bun = findRuntime("bun");
const skip = [node, bun].find((each) => typeof each === "string") as
  | string
  | undefined ?? (process.platform !== "linux" && "the benchmark reads /proc");
const timeoutMs = 60_000;
// The benchmark itself always runs on Node 26: once is enough.
const declare: typeof test = runtimeHere() === "node26" ? test : () => {};

/** Benchmarks run on a Node that strips types, as `npm run bench` does. */
function runBench(...args: string[]) {
  const command = typeof node === "string" ? node : node.command;
  return watch(spawn(command, ["bench/main.ts", ...args], {
    cwd: repositoryRoot(),
    env: environment(),
  })).ended;
}

declare("bench echo measures every server and writes the rounds", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "echo.json");
    const { code, stdout, stderr } = await runBench(
      ...["echo", "--runtime", "bun", "--case", "1x64,connect,upload"],
      ...["--rounds", "1", "--seconds", "0.05", "--out", out],
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /3\/3 bun connect/);
    const { rows } = JSON.parse(await readFile(out, "utf8"));
    assert.equal(rows.length, 3 * 4);
    for (const row of rows) {
      assert.equal(row.rounds.length, 1, `${row.server} ${row.case}`);
      for (const { ops, serverCpuSeconds, loadCpuSeconds } of row.rounds) {
        assert.ok(ops > 0 && serverCpuSeconds > 0 && loadCpuSeconds > 0);
      }
    }
    const report = await runBench("report", out);
    assert.match(report.stdout, /\| 1 connection, 64 B echoed \| ours \|/);
  });
}, { skip, timeoutMs });

declare("bench echo ends with 2 when a name is unknown", async () => {
  const { code, stderr } = await runBench("echo", "--case", "2x2");
  assert.match(stderr, /no "2x2"; there is 1x64, /);
  assert.equal(code, 2);
}, { skip });

declare("bench names its suites when the suite is unknown", async () => {
  const { code, stdout } = await runBench("knitting");
  assert.match(stdout, /Suites: .*echo/);
  assert.equal(code, 2);
}, { skip });
