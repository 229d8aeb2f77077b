/** Options by the C library, by the word of `strace` and of the kernel. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "../harness.ts";
import { commandOf, ended, traced, untraceable } from "../options/traced.ts";
import { environment, repositoryRoot, thisRuntime } from "../runtimes.ts";

const SCRIPT = "tests/fixtures/posix/uses.ts";
const here = thisRuntime();
const hasFfi = here !== "node20";
const noFfi = !hasFfi && "Node 20 has no way to the C library";
const notDeno = here !== "deno" && "permissions are Deno's";
const FLAGS = ["--no-prompt", "--allow-net"];

type Said = Record<string, unknown>;

async function run(
  args: readonly string[],
  denoFlags: readonly string[],
): Promise<Said> {
  const [command = "", ...rest] = commandOf(SCRIPT, args, { denoFlags });
  const { code, stdout, stderr } = await ended(spawn(command, rest, {
    cwd: repositoryRoot(),
    env: environment(),
  }));
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Said;
}

test(
  "options go to the kernel by the C library when usePosix was called",
  async () => {
    const denoFlags = [...FLAGS, "--allow-ffi"];
    const { said, calls } = await traced(SCRIPT, [], { denoFlags });
    const found = said as Said;
    const told = (call: string) => calls.some((each) => each.includes(call));
    assert.match(
      String(found.before),
      /^ENOPROTOOPT setSockOpt .*usePosix\(\)/,
    );
    assert.deepEqual([found.opened, found.again, found.ahead], [
      "done",
      "done",
      "done",
    ]);
    // The kernel doubles what it is told.
    assert.deepEqual([found.listening, found.inherited], [60_000, 60_000]);
    assert.deepEqual([found.set, found.got], ["done", 80_000]);
    assert.deepEqual(found.bytes, [128, 56, 1, 0]);
    assert.deepEqual([found.timeout, found.probes, found.info], [
      1234,
      "done",
      [1],
    ]);
    for (
      const call of [
        "SO_RCVBUF, [30000]",
        "SO_SNDBUF, [40000]",
        "TCP_USER_TIMEOUT, [1234]",
        "TCP_KEEPIDLE, [43]",
        "TCP_KEEPINTVL, [6]",
        "TCP_KEEPCNT, [4]",
        "SO_KEEPALIVE, [1]",
      ]
    ) assert.ok(told(call), `no ${call} in\n${calls.join("\n")}`);
    assert.ok(!told("TCP_KEEPINTVL, [1]"), "a runtime forced the interval");
    assert.match(String(found.bogus), /^ENOPROTOOPT .*option 9999/);
    assert.match(String(found.refused), /^EINVAL .*TCP_USER_TIMEOUT/);
  },
  { skip: noFfi || untraceable() },
);

test(
  "a socket's descriptor is not guessed when Deno cannot tell it apart",
  async () => {
    const found = await run([], [...FLAGS, "--allow-ffi"]);
    assert.match(String(found.unix), /^EOPNOTSUPP .*Unix-domain/);
    assert.match(String(found.shared), /^EOPNOTSUPP .*share a port/);
  },
  { skip: notDeno },
);

test("usePosix is EPERM when Deno was not given --allow-ffi", async () => {
  const found = await run([], FLAGS);
  assert.match(String(found.opened), /^EPERM usePosix .*--allow-ffi/);
}, { skip: notDeno });

test(
  "usePosix needs one path alone when it is told the library's",
  async () => {
    const { stdout } = spawnSync("ldconfig", ["-p"], { encoding: "utf8" });
    const path = /libc\.so\.6 .*=> (\S+)/.exec(stdout)?.[1];
    assert.ok(path !== undefined, "ldconfig knows no C library");
    const found = await run([path], [...FLAGS, `--allow-ffi=${path}`]);
    assert.deepEqual([found.opened, found.got], ["done", 80_000]);
    assert.match(String(found.refused), /^EINVAL /);
  },
  { skip: notDeno },
);

test(
  "usePosix is EOPNOTSUPP with advice when Node has no node:ffi",
  async () => {
    const found = await run([], []);
    assert.match(String(found.opened), /^EOPNOTSUPP usePosix .*use Node 26/);
  },
  { skip: hasFfi && "this runtime has a way to the C library" },
);

test("usePosix is EOPNOTSUPP when there is no such library", async () => {
  const found = await run(["/nowhere/libc.so"], [...FLAGS, "--allow-ffi"]);
  assert.match(String(found.opened), /^EOPNOTSUPP .*\/nowhere\/libc\.so/);
}, { skip: noFfi });
