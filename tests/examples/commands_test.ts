import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  repositoryRoot,
  RUNTIMES,
} from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import { runtimeHere, startProgram, watch } from "./programs.ts";

const all = RUNTIMES.filter((name) => typeof findRuntime(name) !== "string");
// Every pair once, where `npm start` runs; elsewhere it would be four times.
const found = runtimeHere() === "node26"
  ? all
  : all.filter((name) => name === runtimeHere() || name === "node26");
const timeoutMs = 120_000;

test("matrix passes a file between runtimes, both ways", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "file");
    const bytes = new Uint8Array(3_000_001).map((_, i) => i * 31 ^ i >> 7);
    await writeFile(file, bytes);
    const options = ["--file", file, "--runtime", found.join(",")];
    const program = startProgram("scripts/matrix.ts", ...options);
    const { code, stdout, stderr } = await program.ended;
    assert.equal(stderr, "");
    const digest = createHash("sha256").update(bytes).digest("hex");
    assert.match(stdout, new RegExp(`SHA-256 ${digest}`));
    for (const server of found) {
      for (const client of found) {
        const row = new RegExp(
          `^${server} → ${client} +3,000,001 +\\d+ +ok$`,
          "m",
        );
        assert.match(stdout, row);
      }
    }
    assert.match(stdout, new RegExp(`^${found.length ** 2} pairs ok, 0 `, "m"));
    assert.equal(code, 0);
  });
}, { timeoutMs });

test("matrix says WRONG and ends with 1 when a digest differs", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "file");
    await writeFile(file, "anything");
    const options = ["--file", file, "--runtime", runtimeHere()];
    const program = startProgram(
      "scripts/matrix.ts",
      ...options,
      ...["--sha256", "0".repeat(64)],
    );
    const { code, stdout } = await program.ended;
    assert.match(stdout, /8 +\d+ +WRONG$/m);
    assert.match(stdout, /^0 pairs ok, 1 failed$/m);
    assert.equal(code, 1);
  });
}, { timeoutMs });

const refused: readonly (readonly [string[], RegExp])[] = [
  [["--runtime", "deno,cobol"], /no runtime "cobol"/],
  [["--bytes=-1"], /--bytes is a whole number, not -1/],
  [["--colour"], /--colour/],
];
for (const [args, message] of refused) {
  test(`matrix ends with 2 when given ${args.join(" ")}`, async () => {
    const { code, stderr } = await startProgram("scripts/matrix.ts", ...args)
      .ended;
    assert.match(stderr, message);
    assert.equal(code, 2);
  });
}

test("matrix tells its options when asked for help", async () => {
  const { code, stdout } = await startProgram("scripts/matrix.ts", "--help")
    .ended;
  assert.match(stdout, /--bytes N/);
  assert.equal(code, 0);
});

const node = findRuntime("node26");
const bun = findRuntime("bun");
const skip = [node, bun].find((each) => typeof each === "string") as
  | string
  | undefined ?? (process.platform !== "linux" && "the benchmark reads /proc");
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
    assert.equal(rows.length, 3 * 5);
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
