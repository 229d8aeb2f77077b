import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { startProgram, watch } from "../examples/programs.ts";
import {
  environment,
  findRuntime,
  repositoryRoot,
  RUNTIMES,
  thisRuntime,
} from "../runtimes.ts";
import { withTempDir } from "../temp.ts";

const found = RUNTIMES.filter((name) => typeof findRuntime(name) !== "string");
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
    const options = ["--file", file, "--runtime", thisRuntime()];
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

const commands: readonly (readonly [name: string, ...args: string[]])[] = [
  ["npm", "start", "--"],
  ["deno", "task", "start"],
  ["bun", "run", "start"],
];
for (const [name, ...args] of commands) {
  const runtime = name === "npm" ? undefined : findRuntime(name as "deno");
  test(`${name} ${args.join(" ")} runs the matrix`, async () => {
    const program = typeof runtime === "object" ? runtime.command : name;
    const options = ["--runtime", "node20,bun", "--bytes", "1000"];
    const child = spawn(program, [...args, ...options], {
      cwd: repositoryRoot(),
      env: environment(),
    });
    const { code, stdout, stderr } = await watch(child).ended;
    assert.match(stdout, /^4 pairs ok, 0 failed$/m, stdout + stderr);
    assert.equal(code, 0);
  }, { timeoutMs, skip: typeof runtime === "string" && runtime });
}
