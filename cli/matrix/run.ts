/**
 * The matrix: every runtime serves a file to every runtime, and each client
 * checks the SHA-256 of what came.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createReadStream, realpathSync, statSync } from "node:fs";
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK } from "../exit.ts";
import { type Io, line } from "../io.ts";
import { table } from "../table.ts";
import {
  type MatrixServer,
  runClient,
  type Runner,
  startServer,
} from "./processes.ts";

/** What is served, and what it must be. */
export interface Wanted {
  /** The file; default the largest executable of the runtimes. */
  readonly file: string | undefined;
  /** Only so many bytes of it. */
  readonly limit: number;
  /** The SHA-256 that it must have, in hex; default what it has. */
  readonly digest: string | undefined;
}

/** So slow is no pair, on any machine; it bounds a hang. */
const PAIR_TIMEOUT_MS = 120_000;

interface Job {
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
}

interface Outcome {
  readonly server: string;
  readonly client: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly verdict: string;
}

/** Runs all pairs, tells of each, and gives the exit code. */
export async function runMatrix(
  runners: readonly Runner[],
  wanted: Wanted,
  io: Io,
): Promise<number> {
  const file = wanted.file ?? largestExecutable(runners);
  await hint(io, `hashing ${file}`);
  const described = await describe(file, wanted.limit);
  const job = { ...described, digest: wanted.digest ?? described.digest };
  const outcomes: Outcome[] = [];
  const tell = async (outcome: Outcome): Promise<void> => {
    outcomes.push(outcome);
    await hint(io, "");
    const done = `${outcomes.length}/${runners.length ** 2}`;
    await line(io.output, `${done} ${rowOf(outcome).join("  ")}`);
  };
  for (const server of runners) {
    if (io.interrupted.aborted) return EXIT_INTERRUPTED;
    await runServer(job, server, runners, tell, io);
  }
  return await report(job, outcomes, io);
}

function largestExecutable(runners: readonly Runner[]): string {
  const sizes = runners
    .map(({ command }) => realpathSync(command))
    .map((path) => ({ path, size: statSync(path).size }));
  return sizes.reduce((a, b) => b.size > a.size ? b : a).path;
}

async function describe(file: string, limit: number): Promise<Job> {
  const bytes = Math.min(limit, statSync(file).size);
  const hash = createHash("sha256");
  if (bytes > 0) {
    for await (const chunk of createReadStream(file, { end: bytes - 1 })) {
      hash.update(chunk);
    }
  }
  return { file, bytes, digest: hash.digest("hex") };
}

async function runServer(
  job: Job,
  server: Runner,
  clients: readonly Runner[],
  tell: (outcome: Outcome) => Promise<void>,
  io: Io,
): Promise<void> {
  const failed = (client: Runner, error: unknown): Promise<void> =>
    tell(failure(server, client, error));
  let child: MatrixServer;
  try {
    child = await startServer(server, job.file, job.bytes);
  } catch (error) {
    for (const client of clients) await failed(client, error);
    return;
  }
  for (const client of clients) {
    const show = (bytes: number): void => {
      const percent = Math.floor(bytes / job.bytes * 100);
      hint(io, `${server.name} → ${client.name}: ${percent} %`).catch(() => {});
    };
    await tell(await runPair(job, server, client, child.port, show));
  }
  const complaint = await child.stop();
  if (complaint) await failed(server, new Error(complaint));
}

async function runPair(
  job: Job,
  server: Runner,
  client: Runner,
  port: string,
  progress: (bytes: number) => void,
): Promise<Outcome> {
  try {
    const options = { timeoutMs: PAIR_TIMEOUT_MS, progress };
    const { bytes, seconds, digest } = await runClient(client, port, options);
    const verdict = digest === job.digest && bytes === job.bytes
      ? "ok"
      : "WRONG";
    const names = { server: server.name, client: client.name };
    return { ...names, bytes, seconds, verdict };
  } catch (error) {
    return failure(server, client, error);
  }
}

function failure(server: Runner, client: Runner, error: unknown): Outcome {
  const verdict = `FAILED: ${(error as Error).message}`;
  const names = { server: server.name, client: client.name };
  return { ...names, bytes: 0, seconds: 0, verdict };
}

/** One line that is rewritten, on a terminal. */
async function hint({ output }: Io, text: string): Promise<void> {
  if (output.isTerminal) await output.write(`\r\x1b[K${text}`);
}

function rowOf({ server, client, bytes, seconds, verdict }: Outcome): string[] {
  const speed = seconds > 0 ? (bytes / 1e6 / seconds).toFixed(0) : "";
  const pair = `${server} → ${client}`;
  return [pair, bytes.toLocaleString("en-GB"), speed, verdict];
}

async function report(
  job: Job,
  outcomes: readonly Outcome[],
  { output }: Io,
): Promise<number> {
  await line(output, `\n${job.file}\nSHA-256 ${job.digest}\n`);
  const head = ["server → client", "bytes", "MB/s", "digest"];
  await line(output, table([head, ...outcomes.map(rowOf)]));
  const bad = outcomes.filter((each) => each.verdict !== "ok").length;
  await line(output, `\n${outcomes.length - bad} pairs ok, ${bad} failed`);
  return bad > 0 ? EXIT_FAILED : EXIT_OK;
}
