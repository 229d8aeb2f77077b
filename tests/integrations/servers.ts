/**
 * Servers from the system's packages that a test may restart, and the programs
 * that speak to them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { watch } from "../examples/programs.ts";
import {
  environment,
  hasProgram,
  repositoryRoot,
  type RuntimeName,
  spawnRuntime,
  thisRuntime,
} from "../runtimes.ts";
import { reservedPort } from "../support/reserved_port.ts";

/** Why a test of these programs is skipped here, or `false`. */
export function missing(...programs: string[]): string | false {
  const folder = join(repositoryRoot(), "examples", "integrations");
  if (!existsSync(join(folder, "node_modules"))) {
    return "the libraries are not installed: npm run prepare";
  }
  const program = programs.find((each) => !hasProgram(each));
  return program === undefined ? false : `${program} is not installed`;
}

/** A server that can be stopped and started on the same port. */
export interface RealServer {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** For programs that bring their own. */
export const NO_SERVER: RealServer = {
  port: 0,
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/** A server that says `ready` when it is; `command` is told the port. */
export async function realServer(
  command: (port: number) => readonly string[],
  ready: RegExp,
): Promise<RealServer> {
  const port = await reservedPort();
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  return {
    port,
    async start() {
      // Both outputs as one: each server says it on another.
      const args = ["-c", 'exec "$@" 2>&1', "sh", ...command(port)];
      child = spawn("sh", args, {
        cwd: "/",
        env: environment(),
        stdio: ["ignore", "pipe", "pipe"],
      });
      const server = watch(child);
      ended = server.ended;
      await server.printed(ready);
    },
    async stop() {
      child?.kill("SIGKILL");
      await ended;
    },
  };
}

/** What a program that imports libraries by name needs on Deno. */
export const DENO_FLAGS: readonly string[] = [
  "--allow-all",
  "--node-modules-dir=manual",
  "--import-map=tests/integrations/import_map.json",
];

/**
 * Runs a program of this folder against a server to its end; gives what it
 * printed.
 */
export function talk(
  name: string,
  server: RealServer,
  args: readonly string[] = [],
): Promise<string> {
  const path = `tests/integrations/${name}.ts`;
  return converse(path, server, args, thisRuntime());
}

/** The same with a program of any folder, on any runtime. */
export async function converse(
  path: string,
  server: RealServer,
  args: readonly string[],
  runtime: RuntimeName,
): Promise<string> {
  const child = spawnRuntime(
    runtime,
    path,
    [`${server.port}`, ...args],
    { denoFlags: DENO_FLAGS },
  );
  const program = watch(child);
  let seen = "";
  child.stdout?.on("data", async (text: string) => {
    seen += text;
    const lines = seen.split("\n");
    seen = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("ask ")) continue;
      if (line !== "ask start") await server.stop();
      if (line !== "ask stop") await server.start();
      child.stdin?.write("done\n");
    }
  });
  const { code, stdout, stderr } = await program.ended;
  assert.equal(code, 0, `${path}: ${stdout}${stderr}`);
  assert.match(stdout, /^over$/m, `${path}: ${stdout}${stderr}`);
  return stdout;
}
