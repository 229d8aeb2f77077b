/**
 * Listeners that are handed over as descriptors, and restarts that lose nobody.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect as dial } from "node:net";
import process from "node:process";
import { Fault, type Runtime } from "../../mod.ts";
import { activation, type ActivationOptions } from "../../src/server/mod.ts";
import type { RawListener } from "../../src/runtime/seam/stream.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { watch } from "../examples/programs.ts";
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
import { reservedPort } from "../support/reserved_port.ts";

const PID = 42;

/** A process of these variables, which has listeners from 3 on. */
class Process {
  readonly adopted: number[] = [];
  readonly host: object;
  readonly #variables: Map<string, string>;
  readonly #listeners: readonly (RawListener | Fault)[];

  constructor(
    variables: Readonly<Record<string, string>>,
    listeners: readonly (RawListener | Fault)[] = [],
  ) {
    this.#variables = new Map(Object.entries(variables));
    this.#listeners = listeners;
    this.host = {
      pid: PID,
      variable: (name: string) => this.#variables.get(name),
      unsetVariable: (name: string) => this.#variables.delete(name),
    };
  }

  get variables(): readonly string[] {
    return [...this.#variables.keys()];
  }

  /** What `activation` gives here. */
  ask(options: ActivationOptions = {}): ReturnType<typeof activation> {
    const { host } = this;
    const { clock, supports } = memoryNetwork();
    const listenerOfFd = (fd: number) => {
      this.adopted.push(fd);
      const found = this.#listeners[fd - 3] ?? new Fault("EBADF");
      if (found instanceof Fault) throw found;
      return found;
    };
    const runtime = { name: "fake", clock, supports, host, listenerOfFd };
    return activation({ ...options, runtime: runtime as unknown as Runtime });
  }
}

function listeners(count: number): Promise<RawListener[]> {
  const runtime = memoryNetwork();
  return Promise.all(Array.from({ length: count }, (_, i) =>
    runtime.listen({
      address: { family: "ipv4", hostname: "127.0.0.1", port: 1 + i },
      backlog: 5,
    })));
}

const MINE = { LISTEN_PID: `${PID}`, LISTEN_FDS: "2" };

test("a process is given its listeners, by their names", async () => {
  const names: [object, string[]][] = [
    [{ LISTEN_FDNAMES: "web:admin" }, ["web", "admin"]],
    [{ LISTEN_FDNAMES: "web:" }, ["web", ""]],
    [{}, ["unknown", "unknown"]],
  ];
  for (const [variables, expected] of names) {
    const given = new Process({ ...MINE, ...variables }, await listeners(2));
    const all = await given.ask();
    assert.deepEqual(all.map(({ name }) => name), expected);
    const ports = all.map(({ listener }) => listener.getSockName());
    assert.deepEqual(ports.map((each) => "port" in each && each.port), [1, 2]);
    assert.deepEqual(given.adopted, [3, 4]);
    assert.deepEqual(given.variables, []);
    assert.deepEqual(await given.ask(), []);
    await Promise.all(all.map(({ listener }) => listener.close()));
  }
});

test("a process takes no listeners that are not meant for it", async () => {
  const others: Record<string, string>[] = [
    {},
    { LISTEN_FDS: "2" },
    { LISTEN_PID: `${PID}` },
    { LISTEN_PID: "41", LISTEN_FDS: "2" },
    { LISTEN_PID: `${PID}`, LISTEN_FDS: "0" },
  ];
  for (const variables of others) {
    const given = new Process(variables, await listeners(2));
    assert.deepEqual(await given.ask({ unset: false }), []);
    assert.deepEqual(given.variables, Object.keys(variables));
    assert.deepEqual(await given.ask(), []);
    assert.deepEqual([given.adopted, given.variables], [[], []]);
  }
  for (const pid of [{}, { LISTEN_PID: "41" }, { LISTEN_PID: "?" }]) {
    const given = new Process({ ...pid, LISTEN_FDS: "1" }, await listeners(1));
    const [only] = await given.ask({ anyPid: true });
    assert.equal(only?.name, "unknown");
    await only?.listener.close();
  }
});

test("variables that make no sense are EINVAL", async () => {
  const wrong: Record<string, string>[] = [
    { ...MINE, LISTEN_FDS: "-1" },
    { ...MINE, LISTEN_FDS: "" },
    { ...MINE, LISTEN_FDS: "2x" },
    { ...MINE, LISTEN_FDS: "9999999999" },
    { ...MINE, LISTEN_FDS: "999999999" },
    { ...MINE, LISTEN_PID: "me" },
    { ...MINE, LISTEN_FDNAMES: "one" },
  ];
  for (const variables of wrong) {
    const given = new Process(variables, await listeners(2));
    await assert.rejects(given.ask(), { code: "EINVAL", op: "activation" });
    assert.deepEqual(given.adopted, []);
  }
});

test("a descriptor that cannot be had closes those before it", async () => {
  const [first] = await listeners(1);
  let isClosed = false;
  const watched = Object.assign(Object.create(first!) as RawListener, {
    localAddress: first!.localAddress,
    attach: () => {},
    resume: () => {},
    close: () => isClosed = true,
  });
  const given = new Process(MINE, [watched, new Fault("ENOTSOCK")]);
  await assert.rejects(given.ask(), {
    code: "ENOTSOCK",
    message: /descriptor 4, named "unknown"/,
  });
  assert.ok(isClosed);
  first!.close();
  watched.close();
}, { leavesHandles: "the listener's stand-in never says that it is closed" });

test("a network without a process has no listeners to give", async () => {
  assert.deepEqual(await activation({ runtime: memoryNetwork() }), []);
});

test("a misuse of activation is the caller's mistake", async () => {
  for (const options of [{ unset: 1 }, { anyPid: "yes" }, { any: true }, 5]) {
    await assert.rejects(activation(options as never), TypeError);
  }
});

/** How this runtime runs a program of this repository. */
function commandOf(script: string): string[] {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  return [runtime.command, ...runtime.args, scriptPath(runtime, script)];
}

/** One connection: asks, and hears the whole answer. */
function visit(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = dial(port, "127.0.0.1").setEncoding("utf8");
    socket.on("data", (piece) => text += piece);
    socket.once("error", reject);
    socket.once("end", () => resolve(text));
    socket.end("hello");
  });
}

test("systemd hands its listener to an example", async () => {
  const port = await reservedPort();
  const child = spawn("systemd-socket-activate", [
    ...["-l", `127.0.0.1:${port}`, "--fdname=echo"],
    ...commandOf("examples/activated.ts"),
  ], { cwd: repositoryRoot(), env: environment() });
  const program = watch(child);
  try {
    const isListening = new Promise<void>((resolve) => {
      child.stderr.on("data", (text) => /Listening/.test(text) && resolve());
    });
    await Promise.race([isListening, program.ended]);
    assert.equal(await visit(port), "hello");
    await program.printed(new RegExp(`^echo 127\\.0\\.0\\.1:${port}$`, "m"));
    process.kill(child.pid!, "SIGTERM");
    assert.equal((await program.ended).code, 0);
  } finally {
    await program.stop();
  }
}, {
  skip: !hasProgram("systemd-socket-activate") &&
    "systemd-socket-activate is missing",
});

test("activation says which permission it needs on Deno", async () => {
  const script = "tests/fixtures/server/kept.ts";
  const denoFlags = ["--allow-net", "--no-check"];
  const child = spawnRuntime("deno", script, [], { denoFlags });
  const { code, stderr } = await watch(child).ended;
  assert.match(stderr, /PermissionError: .*--allow-env=LISTEN_PID/);
  assert.equal(code, 1);
}, { skip: thisRuntime() !== "deno" && "permissions are Deno's" });

const CLIENTS = 24;
const RESTARTS = 6;

test("restarts on a kept listener lose no connection", async () => {
  const keeper = spawn("python3", [
    "tests/fixtures/server/keeper.py",
    ...commandOf("tests/fixtures/server/kept.ts"),
  ], { cwd: repositoryRoot(), env: environment() });
  const program = watch(keeper);
  try {
    const { 1: port } = await program.printed(/^(\d+)$/m);
    let isOver = false;
    const failures: unknown[] = [];
    const restart = async (count: number) => {
      keeper.stdin.write("\n");
      const lines = `(?:^kept unset .*$[^]*){${count}}`;
      await program.printed(new RegExp(lines, "m"));
    };
    await restart(1);
    const answers = await Promise.all([
      ...Array.from({ length: CLIENTS }, async () => {
        let answered = 0;
        for (; !isOver; answered++) {
          const text = await visit(Number(port)).catch(String);
          if (text !== "hello") failures.push(text);
          // Else the servers to come would have no processor to start on.
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return answered;
      }),
      (async () => {
        for (let i = 0; i < RESTARTS; i++) await restart(i + 2);
        isOver = true;
        return 0;
      })(),
    ]);
    assert.deepEqual(failures, []);
    assert.ok(answers.reduce((sum, each) => sum + each) > CLIENTS * RESTARTS);
    keeper.stdin.end();
    const { code, stdout } = await program.ended;
    assert.equal(code, 0);
    assert.equal(stdout.match(/^kept unset 0$/gm)?.length, RESTARTS, stdout);
  } finally {
    await program.stop();
  }
}, {
  skip: !hasProgram("python3") && "python3 is missing",
  timeoutMs: 120_000,
});
