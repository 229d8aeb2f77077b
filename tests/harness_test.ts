import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readCounts } from "../scripts/test/counts.ts";
import { test } from "./harness.ts";
import {
  environment,
  findRuntime,
  type FoundRuntime,
  repositoryRoot,
  scriptPath,
  thisRuntime,
} from "./runtimes.ts";
import { watchdog } from "./watchdog.ts";

const RUNNER: Readonly<Record<string, readonly string[]>> = {
  deno: ["test", "-P", "--no-check"],
  bun: ["test"],
  node20: ["--test", "--test-reporter=spec"],
  node26: ["--test", "--test-reporter=spec"],
};

interface Outcome {
  readonly fixture: string;
  readonly does: string;
  readonly red: boolean;
  readonly counts?: { passed: number; failed: number; skipped: number };
  readonly says: readonly RegExp[];
  readonly except?: readonly string[];
}

const outcomes: readonly Outcome[] = [
  {
    fixture: "good",
    does: "shows a skip and its reason when tests pass",
    red: false,
    says: [/its reason/],
  },
  {
    fixture: "hang",
    does: "names the test when it hangs, and goes on",
    red: true,
    counts: { passed: 1, failed: 1, skipped: 0 },
    says: [/"the hanging one" did not end within 50 ms/],
  },
  {
    fixture: "step",
    does: "fails the test when a step fails, and goes on",
    red: true,
    says: [/bad step/, /the step after it ran/],
  },
  {
    fixture: "hook",
    does: "fails the test when an end hook throws",
    red: true,
    counts: { passed: 0, failed: 1, skipped: 0 },
    says: [/the hook found something/],
  },
  {
    fixture: "handle",
    does: "fails the test that leaves a socket open, and no other",
    red: true,
    counts: { passed: 2, failed: 1, skipped: 0 },
    says: [/The test leaves handles open: 1 of kind listener/],
  },
  {
    fixture: "leak",
    does: "fails when a server is left open",
    red: true,
    says: [/[Ll]eak/],
    // Bun ends the process; there only the count of handles can tell.
    except: ["bun"],
  },
];

// Each runtime checks its own harness, so a run on all checks all.
const name = thisRuntime();
const runtime = findRuntime(name);
for (const outcome of outcomes) {
  test(`harness on ${name} ${outcome.does}`, () => {
    check(runtime as FoundRuntime, outcome);
  }, {
    skip: typeof runtime === "string"
      ? runtime
      : outcome.except?.includes(name) &&
        "Bun does not report what a test file leaves open",
  });
}

function check(runtime: FoundRuntime, outcome: Outcome): void {
  const file = `tests/fixtures/harness/${outcome.fixture}.ts`;
  const { status, stdout, stderr } = spawnSync(
    runtime.command,
    [...RUNNER[runtime.name] ?? [], scriptPath(runtime, file)],
    {
      cwd: repositoryRoot(),
      encoding: "utf8",
      env: environment(),
      timeout: 15_000,
    },
  );
  const output = stdout + stderr;
  assert.equal(status === 0, !outcome.red, output);
  for (const pattern of outcome.says) assert.match(output, pattern);
  if (outcome.counts) {
    assert.deepEqual(readCounts(runtime.name, output), outcome.counts);
  }
}

test("watchdog settles as its work does and leaves no timer", async () => {
  assert.equal(await watchdog("work", 60_000, () => 7), 7);
  const error = new Error("of the work");
  const work = () => Promise.reject(error);
  await assert.rejects(watchdog("work", 60_000, work), error);
});

test("watchdog rejects with the name when time is up", async () => {
  await assert.rejects(
    watchdog("slow work", 5, () => new Promise<void>(() => {})),
    { message: '"slow work" did not end within 5 ms' },
  );
});
