/**
 * Writes the pages of the API into `docs-api/`.
 *
 * @module
 */

import { deno, run } from "./lib.ts";
import { denoManifest } from "./npm_manifest.ts";

const { exports, name } = denoManifest();
const { code } = await run(
  deno,
  ["doc", "--html", `--name=${name}`, "--output=docs-api"]
    .concat(Object.values(exports)),
  { onText: (text) => process.stdout.write(text) },
);
process.exitCode = code;
