/**
 * Formats the repository, or the files that are named, as the gate wants them.
 *
 * @module
 */

import { deno, run } from "./lib.ts";

const { code } = await run(deno, ["fmt", ...process.argv.slice(2)], {
  onText: (text) => process.stdout.write(text),
});
process.exitCode = code;
