/**
 * The main job: every runtime serves, every runtime is client. Each pair
 * speaks the exchange of the Socket HOWTO over this library: the client sends
 * a request and shuts its sending side down, the server answers with the
 * bytes of the largest runtime executable at hand and closes, and the client
 * checks their SHA-256.
 *
 * @module
 */

import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Runner } from "../cli/matrix/processes.ts";
import { runMatrix } from "../cli/matrix/run.ts";
import { processIo } from "../cli/process_io.ts";
import {
  findRuntime,
  type FoundRuntime,
  type RuntimeName,
  RUNTIMES,
  scriptPath,
} from "../tests/runtimes.ts";
import { compileIfStale } from "./compile.ts";

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

  const { file, limit, digest } = options;
  const runners = runtimes.map(runnerOf);
  const io = processIo();
  const code = await runMatrix(runners, { file, limit, digest }, io);
  if (code !== 0) process.exitCode = code;
}

/** How a runtime is made to run our program. */
function runnerOf(runtime: FoundRuntime): Runner {
  const { name, command, args } = runtime;
  const program = scriptPath(runtime, "cli/main.ts");
  return {
    name,
    command: command.includes("/") ? command : which(command),
    args: [...args, program],
  };
}

function which(command: string): string {
  const found = (process.env.PATH ?? "").split(":")
    .map((dir) => `${dir}/${command}`)
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (!found) throw new Error(`${command} is not on the PATH`);
  return found;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\nSee --help.`);
  process.exitCode = 2;
}
