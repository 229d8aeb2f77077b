/**
 * No descriptor is left: `EMFILE` from whatever would make one, no crash, and
 * a listener that lives on.
 */

import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
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

/** Runs a fixture with few descriptors. */
function spawnLimited(
  limit: number,
  script: string,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const runtime = findRuntime(HERE);
  if (typeof runtime === "string") throw new Error(runtime);
  const path = scriptPath(runtime, script);
  const command = [runtime.command, ...runtime.args, path, ...args];
  return spawn(
    "sh",
    ["-c", `ulimit -n ${limit} && exec "$@"`, "sh", ...command],
    { cwd: repositoryRoot(), env: environment(), timeout: PATIENCE_MS },
  );
}

const DENO_FORGETS =
  "node:net of Deno 2.9 stops accepting for good, and tells nobody";

/** Which kinds of listeners do not come back from it, or are not there. */
const LOST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deno: { abortive: DENO_FORGETS, reusePort: DENO_FORGETS },
  node20: { reusePort: "Node 20 ignores reusePort" },
};

/** What the fixture says, which runs with few descriptors. */
function outOfDescriptors(kind = ""): Promise<Record<string, unknown>> {
  return withTempDir(async (dir) => {
    const script = "tests/fixtures/socket/out_of_descriptors.ts";
    const args = [join(dir, "nobody.sock"), kind];
    const child = spawnLimited(LIMIT, script, args);
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
  skip: SKIP || LOST[HERE]?.abortive,
});

/** So few descriptors, and so many clients. Node 20 needs more to start. */
const CROWD_LIMIT = HERE === "node20" ? 128 : 64;
const CROWD = 200;

/** Settles once a child has printed a line that matches. */
async function printed(
  child: ChildProcessWithoutNullStreams,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  let text = "";
  let complaint = "";
  child.stderr.on("data", (chunk) => complaint += chunk);
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const found = pattern.exec(text);
    if (found !== null) return found;
  }
  throw new Error(`it ended with no ${pattern}: ${complaint}`);
}

/** A client that may be refused or reset: that is not what is tested. */
function client(port: number): Socket {
  return connectSocket(port, "127.0.0.1").on("error", () => {});
}

/** Whether a client is greeted. One that is reset may come again. */
async function isGreeted(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(2_000);
  while (!signal.aborted) {
    const socket = client(port);
    const greeting = await Promise.race([
      once(socket, "data", { signal }),
      once(socket, "close", { signal }),
    ]).catch(() => []);
    socket.destroy();
    if (String(greeting[0]) === "in") return true;
  }
  return false;
}

async function outlivesCrowd(kind?: string): Promise<void> {
  const script = "tests/fixtures/socket/crowded.ts";
  const args = kind === undefined ? [] : [kind];
  const child = spawnLimited(CROWD_LIMIT, script, args);
  const crowd: Socket[] = [];
  try {
    const port = Number((await printed(child, /port (\d+)/))[1]);
    for (let i = 0; i < CROWD; i++) crowd.push(client(port));
    await printed(child, /full/);
    const gone = crowd.map((each) => once(each, "close"));
    for (const each of crowd) each.destroy();
    await Promise.all(gone);
    assert.equal(await isGreeted(port), true, "it serves afterwards");
    assert.equal(child.exitCode, null, "it is alive");
  } finally {
    for (const each of crowd) each.destroy();
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  }
}

for (const kind of [undefined, "abortive", "reusePort"]) {
  test(
    `a listener (${
      kind ?? "plain"
    }) serves again after ${CROWD} clients when ` +
      `${CROWD_LIMIT} descriptors are all there are`,
    () => outlivesCrowd(kind),
    { skip: SKIP || kind !== undefined && LOST[HERE]?.[kind] },
  );
}
