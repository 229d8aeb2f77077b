/**
 * Runs one benchmark suite: `npm run bench -- echo --help`. A suite is a
 * folder here with a `main.ts`.
 */

import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const bench = dirname(fileURLToPath(import.meta.url));
const suites = readdirSync(bench)
  .filter((name) => existsSync(join(bench, name, "main.ts")));
const [suite = "--help", ...args] = process.argv.slice(2);

if (suites.includes(suite)) {
  const script = join(bench, suite, "main.ts");
  const child = spawn(process.execPath, [script, ...args], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code) => process.exitCode = code ?? 1);
} else {
  console.log(
    `Usage: npm run bench -- SUITE [options]\n\n` +
      `Suites: ${suites.join(", ")}\n` +
      `npm run bench -- SUITE --help tells the options of a suite.`,
  );
  if (suite !== "--help") {
    console.error(`There is no suite ${JSON.stringify(suite)}.`);
    process.exitCode = 2;
  }
}
