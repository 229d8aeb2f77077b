import assert from "node:assert/strict";
import { filesUnder, run, table } from "../../scripts/lib.ts";
import { test } from "../harness.ts";

test("run gives the exit code and both streams", async () => {
  const done = await run("sh", ["-c", "echo out; echo err >&2; exit 3"]);
  assert.equal(done.code, 3);
  assert.deepEqual(done.output.trim().split("\n").sort(), ["err", "out"]);
});

test("run fails when the program does not exist", async () => {
  const { code, output } = await run("no-such-program-here", []);
  assert.notEqual(code, 0);
  assert.match(output, /no-such-program-here|ENOENT/);
});

test("run ends a program and its children when time is up", async () => {
  const start = performance.now();
  // The child holds the pipes: they close only when it is ended as well.
  const { code, output } = await run("sh", ["-c", "sleep 30 & sleep 30"], {
    timeoutMs: 100,
  });
  assert.equal(code, 1);
  assert.match(output, /sh was killed after 100 ms/);
  assert.ok(performance.now() - start < 10_000);
});

test("run adds to the environment and changes the folder", async () => {
  const { output } = await run("sh", ["-c", "pwd; echo $ANYSOCK_TEST"], {
    cwd: "/",
    env: { ANYSOCK_TEST: "yes" },
  });
  assert.equal(output, "/\nyes\n");
});

test("filesUnder lists files by suffix, sorted, from the root", () => {
  const files = filesUnder("tests/scripts", "_test.ts");
  assert.ok(files.includes("tests/scripts/lib_test.ts"));
  assert.deepEqual(files, [...files].sort());
});

test("table aligns its columns and leaves no space at the end", () => {
  assert.equal(
    table([["a", "bb", "c"], ["long", "b", "c"]]),
    "a     bb  c\nlong  b   c",
  );
});
