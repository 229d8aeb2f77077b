/** Makes the Markdown tables of the documents from result files. */

import { join } from "node:path";
import { repositoryRoot } from "../../tests/runtimes.ts";
import { guarded } from "../lib/entry.ts";
import { newestOfEach, read } from "./files.ts";
import { markdown } from "./markdown.ts";

const HELP = `Usage: npm run bench -- report [FILE…]

Prints Markdown made from result files; without FILE, from the newest file of
every suite in bench/results.`;

await guarded(() => {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(HELP);
  const unknown = args.find((each) => each.startsWith("-"));
  if (unknown) throw new TypeError(`There is no option ${unknown}`);
  const found = args.length > 0
    ? args.map(read)
    : newestOfEach(join(repositoryRoot(), "bench/results"));
  // All are made before any is printed: one bad file spoils no document.
  console.log(`${found.map(markdown).join("\n\n")}\n`);
});
