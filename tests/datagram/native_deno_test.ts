/**
 * The laws over Deno's own datagram sockets, and their names, which need a
 * flag: in a Deno of their own.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  repositoryRoot,
  thisRuntime,
} from "../runtimes.ts";

const FILES = [
  "tests/conformance/datagram_test.ts",
  "tests/datagram/unix_test.ts",
  "tests/datagram/zones_test.ts",
];
const skip = thisRuntime() !== "deno" && "the flag is Deno's";

test("every law of datagrams holds under --unstable-net", async () => {
  const deno = findRuntime("deno");
  if (typeof deno === "string") throw new Error(deno);
  // The flag changes nothing about the other columns.
  const args = ["test", "-A", "--quiet", "--unstable-net", "--no-check"]
    .concat("--filter", "/^deno\\/native|^[^\\/]+$/", ...FILES);
  const child = spawn(deno.command, args, {
    cwd: repositoryRoot(),
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => output += text);
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(code, 0, output.slice(-4000));
  assert.match(output, /native\/unixgram: a datagram arrives whole .* ok/);
  assert.match(output, /close removes the path of a datagram socket .* ok/);
}, { skip, timeoutMs: 120_000 });
