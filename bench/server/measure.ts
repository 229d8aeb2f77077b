/** One round of one server, under a load from another process. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FoundRuntime } from "../../tests/runtimes.ts";
import { startOn } from "../lib/children.ts";
import type { Load, ServerName, ServerRound } from "./results.ts";

const LINE_TIMEOUT_MS = 60_000;
const CONNECTIONS = 20;
/** The unit of the times in `/proc/PID/stat`. */
const TICK_MICROS = 10_000;
/** The servers. */
export const PROGRAM = "bench/server/programs/server.ts";

/** How many requests of a load are made: those in batches cost less. */
const FACTORS: Readonly<Record<Load, number>> = {
  resp64: 15,
  resp1: 1,
  connect: 0.25,
  http: 1,
};

/** The programs that a load needs, and those that are missing. */
export function missingFor(load: Load): string | undefined {
  const program = load === "http" ? "wrk" : "redis-benchmark";
  return isThere(program) ? undefined : `${program} is missing`;
}

/** Whether a program is installed. */
export function isThere(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.some((folder) => existsSync(`${folder}/${program}`));
}

/** Starts a server, warms it up, and measures it. */
export async function measure(
  runtime: FoundRuntime,
  load: Load,
  server: ServerName,
  requests: number,
  warmSeconds: number,
): Promise<ServerRound> {
  if (server === "redis") return await underRedis(load, requests, warmSeconds);
  const protocol = load === "http" ? "http" : "resp";
  const child = startOn(runtime, PROGRAM, [protocol, server]);
  try {
    const [port, pid] = (await child.nextLine(LINE_TIMEOUT_MS)).split(" ");
    await warmUp(load, Number(port), requests, warmSeconds);
    return await under(load, Number(port), Number(pid), requests);
  } finally {
    await child.kill();
  }
}

async function underRedis(
  load: Load,
  requests: number,
  warmSeconds: number,
): Promise<ServerRound> {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""];
  const child = spawn("redis-server", args, { stdio: "ignore" });
  try {
    while (!isListening(port)) await sleep(20);
    await warmUp(load, port, requests, warmSeconds);
    return await under(load, port, child.pid!, requests);
  } finally {
    child.kill("SIGKILL");
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function isListening(port: number): boolean {
  const args = ["-p", `${port}`, "ping"];
  return spawnSync("redis-cli", args).stdout.includes("PONG");
}

async function under(
  load: Load,
  port: number,
  pid: number,
  requests: number,
): Promise<ServerRound> {
  const [start, cpu] = [performance.now(), cpuMicros(pid)];
  const count = await press(load, port, requests);
  const seconds = (performance.now() - start) / 1000;
  return {
    cpuMicros: (cpuMicros(pid) - cpu) / count,
    perSecond: count / seconds,
  };
}

/** As much as is measured, again and again: compilers beside it count, too. */
async function warmUp(
  load: Load,
  port: number,
  requests: number,
  seconds: number,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  do await press(load, port, requests); while (performance.now() < end);
}

/** Processor time of a process so far, all its threads. */
function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** Makes requests, and gives how many they were. */
export async function press(
  load: Load,
  port: number,
  requests: number,
): Promise<number> {
  const count = Math.ceil(requests * FACTORS[load]);
  if (load === "http") {
    // It counts time, not requests: 20,000 a second at most.
    const seconds = Math.max(1, Math.round(count / 20_000));
    const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`];
    const text = await output("wrk", [...args, `http://127.0.0.1:${port}/`]);
    if (/Non-2xx|Socket errors/.test(text)) throw new Error(text);
    return Number(/(\d+) requests in/.exec(text)?.[1]);
  }
  const pipeline = load === "resp64" ? 64 : 1;
  const args = ["-h", "127.0.0.1", "-p", `${port}`, "-t", "set", "-q"];
  const keep = load === "connect" ? 0 : 1;
  await output("redis-benchmark", [
    ...[...args, "-n", `${count}`, "-c", `${CONNECTIONS}`],
    ...["-P", `${pipeline}`, "-k", `${keep}`],
  ]);
  return count;
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (some) => text += some);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${program} ended with ${code}: ${text}`));
    });
  });
}
