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
    assert.equal(found.priority, 3);
    for (
      const call of [
        "SO_PRIORITY, [3]",
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
  "options of datagram sockets go to the kernel when usePosix was called",
  async () => {
    const denoFlags = [...FLAGS, "--allow-ffi"];
    const { said, calls } = await traced(SCRIPT, [], { denoFlags });
    const found = said as Said;
    const [before, early, ttl] = found.datagramsAhead as string[];
    assert.deepEqual([before, early], ["done", 4]);
    assert.match(String(ttl), /^ENOPROTOOPT .*IP_TTL: .*before.*bind/);
    const bogus = (found.datagrams as unknown[]).pop();
    assert.deepEqual(found.datagrams, [
      ...[4, "done", "done", "done"],
      ...[1, 0x28, 100_000, 64],
    ]);
    assert.match(String(bogus), /^ENOPROTOOPT setSockOpt .*option 9999/);
    for (
      const call of [
        "SO_PRIORITY, [4]",
        "SOL_IP, IP_RECVTOS, [1]",
        "SOL_IP, IP_TOS, [40]",
        "SO_RCVBUF, [50000]",
      ]
    ) {
      const told = calls.some((each) => each.includes(call));
      assert.ok(told, `no ${call} in\n${calls.join("\n")}`);
    }
  },
  { skip: noFfi || untraceable() },
);

test(
  "a datagram socket tells its descriptor where the runtime does",
  async () => {
    const found = await run([], [...FLAGS, "--allow-ffi"]);
    if (here === "deno") {
      assert.match(String(found.datagramsTold), /^EOPNOTSUPP fileno /);
      // Two have the address, and which is which nobody can say.
      assert.match(String(found.twins), /^EOPNOTSUPP .*2 sockets/);
      return;
    }
    assert.equal(found.datagramsTold, true);
    assert.equal(found.twins, 0);
  },
  { skip: noFfi },
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
  "the kernel's code is its own when memory is collected meanwhile",
  async () => {
    const script = "tests/fixtures/posix/errno.ts";
    const [command = "", ...args] = commandOf(script, ["100000"]);
    const child = spawn(command, args, {
      cwd: repositoryRoot(),
      env: environment(),
    });
    const { code, stdout, stderr } = await ended(child);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {});
  },
  { skip: noFfi },
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
