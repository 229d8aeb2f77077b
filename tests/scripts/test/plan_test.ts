import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesUnder, root } from "../../../scripts/lib.ts";
import type { TestOptions } from "../../../scripts/test/options.ts";
import { plan, runsOnce } from "../../../scripts/test/plan.ts";
import { test } from "../../harness.ts";
import { RUNTIMES } from "../../runtimes.ts";

const files = [
  "tests/bench/echo_test.ts",
  "tests/conformance/tcp4_test.ts",
  "tests/conformance/unix_test.ts",
  "tests/framing/codec_test.ts",
  "tests/scripts/lib_test.ts",
];

function short(file: string): string {
  return file.replace(/^tests\/|_test\.ts$/g, "");
}

const QUICK: TestOptions = {
  runtimes: RUNTIMES,
  parts: [],
  isQuick: true,
  isVerbose: false,
  showsTimes: false,
  jobs: 4,
};

function planned(options: Partial<TestOptions>): Record<string, string[]> {
  const suites = plan(files, {
    ...QUICK,
    isQuick: false,
    ...options,
  });
  return Object.fromEntries(suites.map(({ runtime, files }) => [
    runtime,
    files.map(short),
  ]));
}

test("plan gives every runtime its files, and Node 26 what runs once", () => {
  const host = ["conformance/tcp4", "conformance/unix", "framing/codec"];
  assert.deepEqual(planned({}), {
    deno: host,
    bun: host,
    node20: host,
    node26: ["bench/echo", ...host, "scripts/lib"],
  });
});

test("plan gives laws over memory one runtime of each engine", () => {
  const all = filesUnder("tests", "_test.ts");
  const parts = ["conformance/simulation_test"];
  for (
    const [runtimes, chosen] of [
      [RUNTIMES, ["bun", "node26"]],
      [["deno", "bun", "node20"], ["deno", "bun"]],
      [["bun", "node20"], ["bun", "node20"]],
    ] as const
  ) {
    const suites = plan(all, { ...QUICK, isQuick: false, parts, runtimes });
    assert.deepEqual(suites.map(({ runtime }) => runtime), chosen);
  }
});

test("plan gives the first runtime what runs once when there is no Node 26", () => {
  assert.deepEqual(
    planned({ runtimes: ["bun", "node20"], parts: ["tcp4", "lib"] }),
    {
      bun: ["conformance/tcp4", "scripts/lib"],
      node20: ["conformance/tcp4"],
    },
  );
});

test("plan gives the oldest runtimes what they promise", () => {
  assert.deepEqual(planned({ runtimes: ["deno", "deno2.8"] }), {
    deno: files.map(short),
    "deno2.8": ["conformance/tcp4"],
  });
});

test("plan names no runtime that has nothing to run", () => {
  assert.deepEqual(planned({ parts: ["scripts/"] }), {
    node26: ["scripts/lib"],
  });
});

test("plan leaves out what takes long when it has to be quick", () => {
  assert.deepEqual(planned({ isQuick: true, runtimes: ["deno"] }), {
    deno: ["conformance/tcp4", "framing/codec", "scripts/lib"],
  });
});

test("plan gives one runtime what needs none when it has to be quick", () => {
  assert.deepEqual(planned({ isQuick: true, runtimes: ["deno", "node26"] }), {
    deno: ["conformance/tcp4"],
    node26: ["conformance/tcp4", "framing/codec", "scripts/lib"],
  });
});

test("plan leaves out what starts programs when it has to be quick", () => {
  const all = filesUnder("tests", "_test.ts");
  const [suite] = plan(all, { ...QUICK, runtimes: ["node26"] });
  const quick = suite?.files ?? [];
  for (const file of all) {
    const text = readFileSync(join(root, file), "utf8");
    if (!/\b(spawn|spawnRuntime|startProgram|RawPeer)\(/.test(text)) continue;
    assert.ok(!quick.includes(file), `${file} starts programs`);
  }
  assert.ok(quick.includes("tests/tls/certificate_test.ts"));
});

test("plan refuses parts that are part of no path", () => {
  assert.throws(
    () => planned({ parts: ["tcp4", "tpc6"] }),
    /No test file has "tpc6" in its path/,
  );
  assert.throws(
    () => planned({ parts: ["unix"], isQuick: true }),
    /leaves no test to run/,
  );
});

test("plan knows files that run once, and there are some", () => {
  const all = filesUnder("tests", "_test.ts");
  const once = all.filter((file) => runsOnce(file));
  assert.ok(once.length > 5 && once.length < all.length / 2, `${once.length}`);
});
