import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { environment, findRuntime, repositoryRoot } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";

const node = findRuntime("node26");
const bun = findRuntime("bun");
const skip = [node, bun].find((each) => typeof each === "string") as
  | string
  | undefined ?? (process.platform !== "linux" && "the benchmark reads /proc");

function runBench(...args: string[]) {
  const command = typeof node === "string" ? node : node.command;
  return watch(spawn(command, ["bench/main.ts", "polling", ...args], {
    cwd: repositoryRoot(),
    env: environment(),
  })).ended;
}

test("bench polling measures few and many sockets in turns", async () => {
  await withTempDir(async (dir) => {
    const out = join(dir, "polling.json");
    const { stdout } = await runBench(
      ...["--runtime", "bun", "--registered", "20,200", "--rounds", "2"],
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
}, { skip, timeoutMs: 60_000 });

test(
  "bench polling skips what needs more descriptors than there are",
  async () => {
    const { code, stdout } = await runBench(
      ...["--runtime", "bun", "--registered", "900000000", "--out", "none"],
    );
    assert.match(stdout, /needs 900000200 descriptors, the hard limit is \d+/);
    assert.equal(code, 1);
  },
  { skip },
);

test("bench polling ends with 2 when it is asked for nonsense", async () => {
  for (const args of [["--runtime", "cobol"], ["--registered", "3"]]) {
    const { code } = await runBench(...args);
    assert.equal(code, 2);
  }
}, { skip });
