/**
 * The conformance table: `npm run conformance`, see its `--help`.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compileIfStale } from "./compile.ts";
import { badgeOf, pageOf } from "./conformance/page.ts";
import { publishedOf } from "./conformance/published.ts";
import {
  committed,
  frame,
  JSON_PATH,
  measureColumns,
  measureOwn,
  runPrograms,
  type Table,
} from "./conformance/table.ts";
import { deno, reasonOf, root, run } from "./lib.ts";

const HELP = `Usage: npm run conformance [-- options]

Checks the laws of pipes over this library and the runtimes' own sockets, runs
the programs that show why one does not hold, and writes docs/conformance.md,
.json, .svg and cli/conformance/published.ts.

  --check  writes nothing; fails if the table or a program comes out otherwise
  --help   this text`;

const PAGE = join(root, "docs", "conformance.md");
const PUBLISHED = join(root, "cli", "conformance", "published.ts");

async function make(): Promise<void> {
  await runPrograms();
  const columns = await measureColumns();
  const table: Table = { ...frame(), own: await measureOwn(), columns };
  writeFileSync(JSON_PATH, `${JSON.stringify(table, undefined, 2)}\n`);
  writeFileSync(PAGE, pageOf(table));
  writeFileSync(join(root, "docs", "conformance.svg"), badgeOf(table));
  writeFileSync(PUBLISHED, publishedOf(table));
  const files = ["docs/", PUBLISHED];
  const { code, output } = await run(deno, ["fmt", "--quiet", ...files]);
  if (code !== 0) throw new Error(output);
  console.log(`${PAGE} is written`);
}

/** A text as the formatter leaves it, which joins and pads. */
async function formatted(text: string, ending: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "anysock-"));
  const file = join(folder, `file${ending}`);
  try {
    writeFileSync(file, text);
    const { code, output } = await run(deno, ["fmt", "--quiet", file]);
    if (code !== 0) throw new Error(output);
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @throws {Error} if a file is not made of the table as it is committed. */
async function demandSame(file: string, text: string): Promise<void> {
  if (text === await readFile(file, "utf8")) return;
  throw new Error(`${file} is not what the .json says: npm run conformance`);
}

/** What anybody sees of a table but when and where it was made. */
function seen({ laws, columns, findings }: Omit<Table, "own">): string {
  return JSON.stringify({ laws, columns, findings }, undefined, 1);
}

async function check(): Promise<void> {
  const table = committed();
  await demandSame(PAGE, await formatted(pageOf(table), ".md"));
  await demandSame(PUBLISHED, await formatted(publishedOf(table), ".ts"));
  await runPrograms();
  const columns = await measureColumns();
  const [now, then] = [seen({ ...frame(), columns }), seen(table)];
  if (now === then) return console.log("The table comes out as it is written");
  const lines = now.split("\n");
  const before = then.split("\n");
  const at = lines.findIndex((line, i) => line !== before[i]);
  throw new Error(
    `The table comes out otherwise (npm run conformance), first here:\n` +
      `${lines.slice(Math.max(0, at - 3), at + 3).join("\n")}\n` +
      `and it was:\n${before.slice(Math.max(0, at - 3), at + 3).join("\n")}`,
  );
}

try {
  const { values } = parseArgs({
    options: { check: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) console.log(HELP);
  else {
    await compileIfStale();
    await (values.check ? check() : make());
  }
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
