import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { missing } from "../integrations/servers.ts";
import { lack, runBench } from "./bench.ts";

test(
  "bench adapters measures a library over both kinds of sockets",
  async () => {
    const { code, stdout } = await runBench(
      ...["adapters", "--runtime", "bun", "--row", "ping", "--rounds", "1"],
      ...["--out", "none"],
    );
    assert.equal(code, 0);
    assert.match(stdout, /^bun +ping +\d+(\.\d+)? +\d+(\.\d+)? +\d+\.\d+/m);
  },
  { skip: lack || missing("redis-server"), timeoutMs: 60_000 },
);

test("bench adapters ends with 2 when it is asked for nonsense", async () => {
  const { code } = await runBench("adapters", "--row", "cobol");
  assert.equal(code, 2);
}, { skip: lack });
