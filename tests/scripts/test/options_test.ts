import assert from "node:assert/strict";
import { readOptions } from "../../../scripts/test/options.ts";
import { test } from "../../harness.ts";
import { RUNTIMES } from "../../runtimes.ts";

test("npm test runs everything by default, three processes at a time", () => {
  assert.deepEqual(readOptions([]), {
    runtimes: RUNTIMES,
    parts: [],
    isQuick: false,
    isVerbose: false,
    showsTimes: false,
    jobs: 5,
  });
});

test("npm test takes runtimes by flag and by name, and parts of paths", () => {
  for (
    const args of [
      ["--runtime", "node20", "--runtime=bun", "framing", "socket"],
      ["bun", "framing", "socket", "node20"],
      ["bun", "framing", "--runtime", "node20", "socket"],
    ]
  ) {
    const options = readOptions(args);
    assert.deepEqual(options?.runtimes, ["bun", "node20"]);
    assert.deepEqual(options?.parts, ["framing", "socket"]);
  }
});

test("npm test takes its other flags", () => {
  const options = readOptions([
    "--quick",
    "--verbose",
    "--times",
    "--jobs",
    "7",
  ]);
  assert.equal(options?.showsTimes, true);
  assert.equal(options?.isQuick, true);
  assert.deepEqual(options?.runtimes, RUNTIMES);
  assert.equal(options?.isVerbose, true);
  assert.equal(options?.jobs, 7);
  assert.deepEqual(readOptions(["--runtime", "deno2.8"])?.runtimes, [
    "deno2.8",
  ]);
  assert.equal(readOptions(["--quick", "--help"]), undefined);
});

const refused: readonly (readonly [args: string[], message: RegExp])[] = [
  [["--quik"], /--quik/],
  [["--runtime", "cobol"], /no runtime "cobol"; there is deno, bun, /],
  [["--runtime"], /--runtime/],
  [["--jobs", "0"], /--jobs is a positive number, not "0"/],
  [["--jobs", "1.5"], /--jobs is a positive number, not "1.5"/],
  [["--quick=no"], /--quick/],
];
for (const [args, message] of refused) {
  test(`npm test refuses ${args.join(" ")}`, () => {
    assert.throws(() => readOptions(args), message);
  });
}
