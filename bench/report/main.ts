/** Makes the Markdown tables of the documents from result files. */

import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { deno, run } from "../../scripts/lib.ts";
import { repositoryRoot } from "../../tests/runtimes.ts";
import { guarded } from "../lib/entry.ts";
import { newestOfEach, read } from "./files.ts";
import { markdown } from "./markdown.ts";
import { picture, PICTURES } from "./picture.ts";

const DOCUMENT = "docs/benchmarks.md";

const HELP = `Usage: npm run bench -- report [--write] [FILE…]

Prints Markdown made from result files; without FILE, from the newest file of
every name in bench/results.

  --write  writes ${DOCUMENT} and the pictures in docs/ instead
  --help   this text`;

const PREFACE = `# Benchmarks

Made by \`npm run bench -- report --write\` from \`bench/results/*.json\`. How each
is measured, and what may be read out of it: \`bench/README.md\` of the
repository.`;

await guarded(async () => {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(HELP);
  const options = args.filter((each) => each.startsWith("-"));
  const unknown = options.find((each) => each !== "--write");
  if (unknown) throw new TypeError(`There is no option ${unknown}`);
  const files = args.filter((each) => !each.startsWith("-"));
  const found = files.length > 0
    ? files.map(read)
    : newestOfEach(join(repositoryRoot(), "bench/results"));
  // All are made before any is printed: one bad file spoils no document.
  if (!options.length) {
    return console.log(`${found.map(markdown).join("\n\n")}\n`);
  }
  const parts = found.map((each) => {
    const file = PICTURES[each.name];
    const shown = file === undefined
      ? []
      : [`![${each.name}, the table's figures as bars](${basename(file)})`];
    return [`## ${each.name}`, ...shown, markdown(each)].join("\n\n");
  });
  const text = [PREFACE, ...parts].join("\n\n");
  writeFileSync(join(repositoryRoot(), DOCUMENT), `${text}\n`);
  const { code, output } = await run(deno, ["fmt", "--quiet", DOCUMENT]);
  if (code !== 0) throw new Error(`deno fmt of ${DOCUMENT}: ${output}`);
  for (const each of found) {
    const file = PICTURES[each.name];
    if (file === undefined) continue;
    writeFileSync(join(repositoryRoot(), file), picture(each));
  }
  console.log(`Written to ${DOCUMENT} and the pictures beside it`);
});
