/** Makes the Markdown tables of the documents from a result file. */

import { readFileSync } from "node:fs";
import type { EchoResults } from "../echo/results.ts";
import { echoMarkdown } from "../echo/table.ts";
import type { FramingResults } from "../framing/results.ts";
import { framingMarkdown } from "../framing/table.ts";
import type { ImportResults } from "../import/results.ts";
import { importMarkdown } from "../import/table.ts";
import type { PollingResults } from "../polling/results.ts";
import { pollingMarkdown } from "../polling/table.ts";

const HELP = `Usage: npm run bench -- report FILE…

Prints Markdown made from files in bench/results.`;

function markdown(file: string): string {
  const results = JSON.parse(readFileSync(file, "utf8")) as
    | EchoResults
    | FramingResults
    | ImportResults
    | PollingResults;
  switch (results.suite) {
    case "echo":
      return echoMarkdown(results);
    case "framing":
      return framingMarkdown(results);
    case "import":
      return importMarkdown(results);
    case "polling":
      return pollingMarkdown(results);
    default:
      throw new TypeError(
        `${file} is no result of echo, framing, import or polling`,
      );
  }
}

const files = process.argv.slice(2);
if (files.length === 0 || files.includes("--help")) {
  console.log(HELP);
} else {
  for (const file of files) console.log(`${markdown(file)}\n`);
}
