/**
 * The main job: every runtime serves, every runtime is client. Each pair
 * speaks the exchange of the Socket HOWTO over this library: the client sends
 * a request and shuts its sending side down, the server answers with the
 * bytes of the largest runtime executable at hand and closes, and the client
 * checks their SHA-256.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createReadStream, realpathSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  findRuntime,
  type FoundRuntime,
  type RuntimeName,
  RUNTIMES,
} from "../tests/runtimes.ts";
import { compileIfStale } from "./compile.ts";
import { table } from "./lib.ts";
import {
  type MatrixServer,
  runClient,
  startServer,
} from "./matrix/processes.ts";

const HELP = `Usage: npm start -- [options]     (deno task start, bun run start)

Every runtime serves a large file to every runtime, and each client checks the
SHA-256 of what came.

  --runtime NAMES  only these, separated by commas (${RUNTIMES.join(",")})
  --file PATH      what is served (the largest runtime executable found)
  --bytes N        only the first N bytes of it
  --sha256 HEX     the digest it must have (what the file has)
  --strict         a missing runtime is a failure
  --help           this text

The exit code is 1 if any byte was wrong or any pair failed.`;

/** So slow is no pair, on any machine; it bounds a hang. */
const PAIR_TIMEOUT_MS = 120_000;

interface Job {
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
}

interface Outcome {
  readonly server: RuntimeName;
  readonly client: RuntimeName;
  readonly bytes: number;
  readonly seconds: number;
  readonly verdict: string;
}

function largestExecutable(runtimes: readonly FoundRuntime[]): string {
  const sizes = runtimes
    .map(({ command }) => command.includes("/") ? command : which(command))
    .map((path) => realpathSync(path))
    .map((path) => ({ path, size: statSync(path).size }));
  return sizes.reduce((a, b) => b.size > a.size ? b : a).path;
}

function which(command: string): string {
  const found = (process.env.PATH ?? "").split(":")
    .map((dir) => `${dir}/${command}`)
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (!found) throw new Error(`${command} is not on the PATH`);
  return found;
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

async function runPair(
  job: Job,
  server: RuntimeName,
  client: RuntimeName,
  port: string,
  progress: (bytes: number) => void,
): Promise<Outcome> {
  try {
    const options = { timeoutMs: PAIR_TIMEOUT_MS, progress };
    const { bytes, seconds, digest } = await runClient(client, port, options);
    const verdict = digest === job.digest && bytes === job.bytes
      ? "ok"
      : "WRONG";
    return { server, client, bytes, seconds, verdict };
  } catch (error) {
    const verdict = `FAILED: ${(error as Error).message}`;
    return { server, client, bytes: 0, seconds: 0, verdict };
  }
}

async function runServer(
  job: Job,
  server: RuntimeName,
  clients: readonly RuntimeName[],
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const failed = (client: RuntimeName, error: unknown): void =>
    tell({
      server,
      client,
      bytes: 0,
      seconds: 0,
      verdict: `FAILED: ${(error as Error).message}`,
    });
  let child: MatrixServer;
  try {
    child = await startServer(server, job.file, job.bytes);
  } catch (error) {
    return clients.forEach((client) => failed(client, error));
  }
  for (const client of clients) {
    const show = (bytes: number): void =>
      say(`${server} → ${client}: ${Math.floor(bytes / job.bytes * 100)} %`);
    tell(await runPair(job, server, client, child.port, show));
  }
  const complaint = await child.stop();
  if (complaint) failed(server, new Error(complaint));
}

/** One line that is rewritten, on a terminal. */
function say(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

function rowOf({ server, client, bytes, seconds, verdict }: Outcome): string[] {
  const speed = seconds > 0 ? (bytes / 1e6 / seconds).toFixed(0) : "";
  const pair = `${server} → ${client}`;
  return [pair, bytes.toLocaleString("en-GB"), speed, verdict];
}

function readOptions(args: string[]): {
  names: RuntimeName[];
  file: string | undefined;
  limit: number;
  digest: string | undefined;
  strict: boolean;
} | undefined {
  const { values } = parseArgs({
    args,
    options: {
      runtime: { type: "string", default: RUNTIMES.join(",") },
      file: { type: "string" },
      bytes: { type: "string", default: "Infinity" },
      sha256: { type: "string" },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const wanted = values.runtime.split(",");
  const unknown = wanted.find((each) =>
    !RUNTIMES.some((name) => name === each)
  );
  if (unknown !== undefined) {
    throw new RangeError(
      `There is no runtime ${JSON.stringify(unknown)}; ` +
        `there is ${RUNTIMES.join(", ")}`,
    );
  }
  const limit = Number(values.bytes);
  if (!(limit >= 0) || (limit !== Infinity && !Number.isSafeInteger(limit))) {
    throw new RangeError(`--bytes is a whole number, not ${values.bytes}`);
  }
  const names = RUNTIMES.filter((name) => wanted.includes(name));
  const { file, sha256: digest, strict } = values;
  return { names, file, limit, digest, strict };
}

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (!options) return console.log(HELP);
  const runtimes: FoundRuntime[] = [];
  for (const name of options.names) {
    const found = findRuntime(name);
    if (typeof found !== "string") runtimes.push(found);
    else {
      console.log(`skipped: ${found}`);
      if (options.strict) process.exitCode = 1;
    }
  }
  if (runtimes.length === 0) throw new Error("No runtime was found");
  const node20 = runtimes.find((each) => !each.runsTypeScript);
  if (node20) await compileIfStale();

  const file = options.file ?? largestExecutable(runtimes);
  say(`hashing ${file}`);
  const described = await describe(file, options.limit);
  const job = { ...described, digest: options.digest ?? described.digest };
  const outcomes: Outcome[] = [];
  const names = runtimes.map(({ name }) => name);
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome);
    say("");
    const done = `${outcomes.length}/${names.length ** 2}`;
    console.log(`${done} ${rowOf(outcome).join("  ")}`);
  };
  for (const name of names) await runServer(job, name, names, tell);
  report(job, outcomes);
}

function report(job: Job, outcomes: readonly Outcome[]): void {
  console.log(`\n${job.file}\nSHA-256 ${job.digest}\n`);
  const head = ["server → client", "bytes", "MB/s", "digest"];
  console.log(table([head, ...outcomes.map(rowOf)]));
  const bad = outcomes.filter((each) => each.verdict !== "ok").length;
  console.log(`\n${outcomes.length - bad} pairs ok, ${bad} failed`);
  if (bad > 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\nSee --help.`);
  process.exitCode = 2;
}
