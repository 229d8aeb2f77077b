/**
 * Writes the site into `docs-site/`: the guide, with its search, and the API as
 * `deno doc` makes it.
 *
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deno, root, run } from "./lib.ts";
import { denoManifest } from "./npm_manifest.ts";
import { fitToScreens } from "./site/api.ts";
import { siteFiles } from "./site/site.ts";

const SITE = join(root, "docs-site");

rmSync(SITE, { recursive: true, force: true });
const files = siteFiles();
for (const [path, text] of files) {
  const file = join(SITE, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
console.log(`${files.size} files of the guide`);

const { exports, name } = denoManifest();
const { code } = await run(
  deno,
  ["doc", "--html", `--name=${name}`, `--output=${join(SITE, "api")}`]
    .concat(Object.values(exports)),
  { onText: (text) => process.stdout.write(text) },
);
if (code === 0) fitToScreens(join(SITE, "api"));
if (code === 0) console.log(`The site is ${join(SITE, "index.html")}`);
process.exitCode = code;
