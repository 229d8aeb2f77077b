import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { lackOfRivals as skip, runBench } from "./bench.ts";

test(
  "bench framing measures every decoder and server and writes the rounds",
  async () => {
    await withTempDir(async (dir) => {
      const out = join(dir, "framing.json");
      const { code, stdout, stderr } = await runBench(
        ...["framing", "--runtime", "bun", "--rounds", "1", "--frames", "1000"],
        ...["--seconds", "0.2", "--out", out],
      );
      assert.equal(stderr, "");
      assert.equal(code, 0);
      assert.match(stdout, /^bun +lines, 32 B +split2/m);
      const { decode, echo } = JSON.parse(await readFile(out, "utf8"));
      assert.equal(decode.length, 2 * 3 + 2 * 4 + 4);
      assert.equal(echo.length, 2 * 4);
      for (const { perSecond } of decode) assert.ok(perSecond[0] > 0);
      for (const { rounds: [round] } of echo) {
        assert.ok(round.framesPerSecond > 0);
      }
    });
  },
  { skip, timeoutMs: 120_000 },
);

test("bench framing ends with 2 when an option is wrong", async () => {
  const { code, stderr } = await runBench("framing", "--part", "sing");
  assert.match(stderr, /no "sing"; there is decode, echo/);
  assert.equal(code, 2);
}, { skip });
