/**
 * What is told of the inside, on channels and on standard error. Each program
 * has a process of its own: on Deno the variable decides whether Node's
 * channels are looked for at all.
 */

import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { kindOf, spawnRuntime, thisRuntime } from "../runtimes.ts";
import { type Program, watch } from "../examples/programs.ts";

const SCRIPT = "tests/fixtures/socket/diagnosed.ts";

function program(
  args: readonly string[],
  debug: string | undefined,
  denoFlags: readonly string[] = ["--allow-all"],
): Program {
  const env = debug === undefined ? {} : { ANYSOCK_DEBUG: debug };
  return watch(spawnRuntime(thisRuntime(), SCRIPT, args, { env, denoFlags }));
}

test("subscribers are told of connect, accept, close and error", async () => {
  // On Deno the variable opens the channels; of what it names nothing is said.
  const { stdout, stderr, code } = await program(["listens"], "channels").ended;
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), [
    ["listen", ["address"]],
    ["connect", ["durationMs", "peer"]],
    ["accept", ["address", "peer"]],
    ["framing:send", ["message", "stream"], "one"],
    ["framing:receive", ["message", "stream"], "one"],
    ["close", [3, 4], true],
    ["close", [4, 3], true],
    ["error", "connect", "ECONNREFUSED"],
  ]);
  assert.equal(code, 0);
});

test("ANYSOCK_DEBUG writes one line per event", async () => {
  const { stderr, stdout, code } = await program([], "net, framing").ended;
  const lines = stderr.trimEnd().split("\n")
    .map((line) =>
      line.replace(/^\[\d+\.\d{3}\] /, "")
        .replace(/127\.0\.0\.1:\d+/g, "HOST")
        .replace(/durationMs=[\d.]+/, "durationMs=N")
    );
  assert.deepEqual(lines, [
    "anysock:net:listen address=HOST",
    "anysock:net:connect peer=HOST durationMs=N",
    "anysock:net:accept address=HOST peer=HOST",
    'anysock:framing:send message="one"',
    'anysock:framing:receive message="one"',
    "anysock:net:close peer=HOST durationMs=N bytesReceived=3 bytesSent=4",
    "anysock:net:close peer=HOST durationMs=N bytesReceived=4 bytesSent=3",
    'anysock:net:error op="connect" address=HOST ' +
    'error="ECONNREFUSED: Cannot connect to HOST: connection refused" ' +
    "durationMs=N",
  ]);
  assert.deepEqual([code, stdout], [0, ""]);
});

test("without ANYSOCK_DEBUG nothing is written", async () => {
  const { stderr, stdout } = await program([], undefined).ended;
  assert.deepEqual([stdout, stderr], ["", ""]);
});

test("a variable that may not be read is not asked for", async () => {
  const flags = ["--no-prompt", "--allow-net", "--allow-read"];
  const { stderr, code } = await program([], "net", flags).ended;
  assert.deepEqual([stderr, code], ["", 0]);
}, { skip: kindOf(thisRuntime()) !== "deno" && "permissions are Deno's" });
