/**
 * No descriptor is left: `EMFILE` from whatever would make one, no crash, and
 * a listener that lives on.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { test } from "../../harness.ts";
import {
  environment,
  findRuntime,
  repositoryRoot,
  scriptPath,
  thisRuntime,
} from "../../runtimes.ts";
import { withTempDir } from "../../temp.ts";

const SKIP = process.platform === "win32" && "needs ulimit";

/** Enough to start with on every runtime. */
const LIMIT = 256;

/** What a process may take to start and end on a busy machine. */
const PATIENCE_MS = 15_000;

const HERE = thisRuntime();

/** Why a runtime's `accept` never hears of it. */
const DEAF: Readonly<Record<string, string | undefined>> = {
  bun: "Bun 1.4 tries to accept again and again, and tells nobody",
  node20: "libuv closes the connection and tells nobody",
  node26: "libuv closes the connection and tells nobody",
};

/** What the fixture says, which runs with few descriptors. */
function outOfDescriptors(kind = ""): Promise<Record<string, unknown>> {
  return withTempDir(async (dir) => {
    const runtime = findRuntime(HERE);
    if (typeof runtime === "string") throw new Error(runtime);
    const script = "tests/fixtures/socket/out_of_descriptors.ts";
    const command = [
      runtime.command,
      ...runtime.args,
      scriptPath(runtime, script),
      join(dir, "nobody.sock"),
      kind,
    ];
    const child = spawn(
      "sh",
      ["-c", `ulimit -n ${LIMIT} && exec "$@"`, "sh", ...command],
      { cwd: repositoryRoot(), env: environment(), timeout: PATIENCE_MS },
    );
    let [said, complaint] = ["", ""];
    child.stdout.on("data", (chunk) => said += chunk);
    child.stderr.on("data", (chunk) => complaint += chunk);
    const [code] = await once(child, "close");
    assert.equal(code, 0, complaint);
    return JSON.parse(said);
  });
}

test("connect and listen are EMFILE when no descriptor is left", async () => {
  const said = await outOfDescriptors();
  const { accept: _accept, ...rest } = said;
  assert.deepEqual(rest, {
    before: true,
    connect: "EMFILE",
    socketConnect: "EMFILE",
    timedConnect: "EMFILE",
    unixConnect: "EMFILE",
    listen: "EMFILE",
    unixListen: "EMFILE",
    meanwhile: true,
    afterwards: true,
  });
}, { skip: SKIP });

test("accept is EMFILE when no descriptor is left", async () => {
  const said = await outOfDescriptors();
  assert.equal(said.accept, "EMFILE");
  assert.equal(said.afterwards, true);
}, { skip: SKIP || DEAF[HERE] });

test("an abortive listener outlives a lack of descriptors", async () => {
  const said = await outOfDescriptors("abortive");
  assert.equal(said.afterwards, true);
}, {
  skip: SKIP || HERE === "deno" &&
      "node:net of Deno 2.9 stops accepting for good, and tells nobody",
});
