/**
 * The same history on every runtime: hashes of whole traces, committed.
 * `node scripts/run.mjs make_simulation_vectors` makes them anew; that they
 * change is a line of the changelog.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "../harness.ts";
import { hashesOf, HISTORIES, SEEDS } from "./vectors.ts";

/** `ANYSOCK_SEEDS` asks for all 50. */
const seeds = process.env.ANYSOCK_SEEDS === undefined ? 10 : SEEDS;

for (const history of HISTORIES) {
  test(
    `${history.name}: ${seeds} seeds have the same hashes everywhere`,
    async () => {
      const path = "tests/simulation/vectors.json";
      const vectors = JSON.parse(await readFile(path, "utf8"));
      const expected = vectors.hashes[history.name].slice(0, seeds);
      assert.deepEqual(await hashesOf(history, seeds), expected);
    },
    { timeoutMs: 60_000 },
  );
}
