import assert from "node:assert/strict";
import { filesUnder } from "../../../scripts/lib.ts";
import { type Shard, shardsOf } from "../../../scripts/test/shards.ts";
import { test } from "../../harness.ts";
import type { RuntimeName } from "../../runtimes.ts";

const files = [
  "tests/byteorder/swap_test.ts",
  "tests/conformance/memory_test.ts",
  "tests/conformance/tcp4_test.ts",
  "tests/conformance/tls_test.ts",
  "tests/ground/ip_test.ts",
  "tests/server/serve_test.ts",
  "tests/socket/adopt_test.ts",
];

function divided(runtime: RuntimeName): string[] {
  return shardsOf([{ runtime, files }]).map(names);
}

function names({ files }: Shard): string {
  return files.map((file) => /(\w+)_test\.ts$/.exec(file)?.[1]).join(" ");
}

test("shards are filled with files, the longest first", () => {
  for (const runtime of ["deno", "node20", "node20.19"] as const) {
    assert.deepEqual(divided(runtime), [
      "tls",
      "memory",
      "tcp4",
      "swap ip serve adopt",
    ]);
  }
});

test("shards of all runtimes wait in one queue", () => {
  const suites = (["deno", "node26"] as const).map((runtime) => ({
    runtime,
    files: files.slice(2, 4),
  }));
  assert.deepEqual(
    shardsOf(suites).map((shard) => `${shard.runtime} ${names(shard)}`),
    ["deno tls", "node26 tls", "deno tcp4", "node26 tcp4"],
  );
});

test("shards wait for what is compiled if they may start Node 20", () => {
  const waits = (runtime: RuntimeName) =>
    shardsOf([{ runtime, files }])
      .filter(({ needsBuild }) => needsBuild).map(names);
  assert.deepEqual(waits("bun"), ["swap ip serve adopt"]);
  assert.equal(waits("node20").length, 4);
});

test("shards hold every file once", () => {
  const all = filesUnder("tests", "_test.ts");
  const shards = shardsOf([{ runtime: "node20", files: all }]);
  assert.deepEqual(shards.flatMap(({ files }) => files).sort(), all);
});
