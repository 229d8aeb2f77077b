import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { missing } from "../integrations/servers.ts";
import { lack, runBench } from "./bench.ts";

test("bench serving compares serve with a loop by hand", async () => {
  const { code, stdout } = await runBench(
    ...["serving", "--runtime", "bun", "--load", "connect", "--rounds", "1"],
    ...["--requests", "400", "--out", "none"],
  );
  assert.equal(code, 0);
  assert.match(stdout, /^bun +connect( +\d+(\.\d+)?){5}$/m);
}, { skip: lack || missing("redis-benchmark"), timeoutMs: 60_000 });
