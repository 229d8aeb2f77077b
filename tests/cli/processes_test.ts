/**
 * The program as a shell starts it: pipes, signals, exit codes, a terminal.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { listen } from "../../mod.ts";
import { type Program, startProgram, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  hasProgram,
  repositoryRoot,
  scriptPath,
  spawnRuntime,
  thisRuntime,
} from "../runtimes.ts";

const MAIN = "cli/main.ts";

/** The words of a shell that start the program. */
function shellWords(): string {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const { command, args } = runtime;
  return [command, ...args, scriptPath(runtime, MAIN)]
    .map((word) => `'${word}'`).join(" ");
}

function shell(line: string): Program {
  return watch(spawn("/bin/sh", ["-c", line], { env: environment() }));
}

/** Serves one connection: says everything again, and how it ended. */
async function withEcho<T>(work: (address: string) => Promise<T>): Promise<T> {
  const server = await listen("127.0.0.1:0");
  const address = server.getSockName();
  const serving = (async () => {
    for await (const [peer] of server.connections()) {
      void (async () => {
        try {
          for await (const bytes of peer) await peer.sendAll(bytes);
        } catch {
          // The program has gone.
        }
        await peer.close();
      })();
    }
  })();
  try {
    if (address.family === "unix") throw new Error("a port was asked for");
    return await work(`127.0.0.1:${address.port}`);
  } finally {
    await server.close();
    await serving;
  }
}

test("a pipe through connect loses no byte", () =>
  withEcho(async (address) => {
    const line = `head -c 3000000 /dev/zero | tr '\\0' x | ` +
      `${shellWords()} connect ${address} | wc -c`;
    const { code, stdout, stderr } = await shell(line).ended;
    assert.deepEqual([code, stdout.trim(), stderr], [0, "3000000", ""]);
  }));

test("connect ends with 0 when the reader of its output leaves", () =>
  withEcho(async (address) => {
    const line = `{ yes | ${shellWords()} connect ${address}; ` +
      `echo "code $?" >&2; } | head -n 1`;
    const { stdout, stderr } = await shell(line).ended;
    assert.deepEqual([stdout, stderr], ["y\n", "code 0\n"]);
  }));

// By its number: Deno forgets the exit code of a child that `kill()` was called
// of.
test("connect ends with 130 at SIGINT, its input still open", () =>
  withEcho(async (address) => {
    const child = spawnRuntime(thisRuntime(), MAIN, ["connect", address]);
    const program = watch(child);
    child.stdin!.write("hello\n");
    await program.printed(/hello/);
    process.kill(child.pid!, "SIGINT");
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [130, ""]);
  }));

test("echo ends with 0 at SIGTERM and says what it did", async () => {
  const child = spawnRuntime(thisRuntime(), MAIN, ["echo", "0"]);
  const program = watch(child);
  await new Promise<void>((resolve) => child.stderr!.once("data", resolve));
  process.kill(child.pid!, "SIGTERM");
  const { code, stdout, stderr } = await program.ended;
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /^listening at 127.*\n0 connections, 0 B echoed\n$/);
});

test("a wrong command line ends with 2, and a refusal with 1", async () => {
  const wrong = startProgram(MAIN, "connect", "localhost");
  const refused = startProgram(MAIN, "connect", "127.0.0.1:1");
  const [first, second] = [await wrong.ended, await refused.ended];
  assert.deepEqual([first.code, first.stdout], [2, ""]);
  assert.match(first.stderr, /needs a port/);
  assert.deepEqual([second.code, second.stdout], [1, ""]);
  assert.match(second.stderr, /ECONNREFUSED/);
});

/** Runs a program in a pseudo-terminal and types at it when it says so. */
const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.environ.pop("NO_COLOR", None)
    os.execvp(sys.argv[3], sys.argv[3:])
seen = b""
typed = False
while True:
    try:
        chunk = os.read(fd, 65536)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    if not typed and sys.argv[1].encode() in seen:
        typed = True
        os.write(fd, sys.argv[2].encode().decode("unicode_escape").encode())
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

const skip = process.platform === "win32" || !hasProgram("python3")
  ? "no python3 with pseudo-terminals"
  : false;

function inTerminal(
  when: string,
  typed: string,
  ...args: string[]
): Program {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const words = [runtime.command, ...runtime.args, scriptPath(runtime, MAIN)];
  const command = ["-c", TERMINAL, when, typed, ...words, ...args];
  const cwd = repositoryRoot();
  return watch(spawn("python3", command, { cwd, env: environment() }));
}

test(
  "in a terminal the program is coloured, echoes lines and takes Ctrl-D",
  () =>
    withEcho(async (address) => {
      const typed = "hi there\\n\\x04";
      const args = ["connect", "-v", address];
      const { code, stdout } = await inTerminal("connected", typed, ...args)
        .ended;
      assert.equal(code, 0, stdout);
      // Once as the terminal shows what is typed, once from the server.
      assert.equal(stdout.match(/^hi there\r$/gm)?.length, 2, stdout);
      assert.ok(stdout.includes("\x1b[2mconnected to"), stdout);
      assert.match(stdout, /9 B sent, 9 B received/);
    }),
  { skip },
);

test(
  "in a terminal Ctrl-C ends the program with 130",
  () =>
    withEcho(async (address) => {
      const args = ["connect", "-v", address];
      const { code, stdout } = await inTerminal("connected", "\\x03", ...args)
        .ended;
      assert.equal(code, 130, stdout);
    }),
  { skip },
);
