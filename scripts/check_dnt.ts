/**
 * Makes the npm package a second time, of what `build_npm.ts` compiled laid
 * out as dnt lays it, and fails where a file comes out otherwise. dnt itself
 * needs JSR, which cannot be reached from where CI runs. What was seen of dnt
 * 0.41 is imitated: imports in the types end in `.js`, the sources lie in
 * `src/` beside `esm/`, maps name them there, and there is a `package.json`.
 *
 * @module
 */

import {
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesUnder, root } from "./lib.ts";
import { COMPILED, makePackage, writePackageJson } from "./make_package.ts";

if (!existsSync(join(root, COMPILED, "esm", "mod.js"))) {
  console.log(`FAILED: ${COMPILED}/ is not there, see \`npm run build\``);
  process.exit(1);
}
/** What dnt would have written, and the package made of it. */
const LAYOUT = ".build.dnt";
const PACKAGE = join(LAYOUT, "npm");

rmSync(join(root, LAYOUT), { recursive: true, force: true });
cpSync(join(root, COMPILED), join(root, LAYOUT), { recursive: true });
layOut();
await makePackage(LAYOUT, PACKAGE);
const [built, laid] = [contents("npm"), contents(PACKAGE)];
const names = new Set([...built.keys(), ...laid.keys()]);
const faults = [...names].filter((name) => built.get(name) !== laid.get(name));
for (const name of faults) console.log(`FAILED: ${name} comes out otherwise`);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${names.size} files are the same of dnt's layout`);

/** The files of a package, by their paths in it. */
function contents(folder: string): Map<string, string> {
  return new Map(
    filesUnder(folder, "").map((file) => [
      relative(folder, file),
      readFileSync(join(root, file), "utf8"),
    ]),
  );
}

/** Turns what tsc wrote into what dnt writes. */
function layOut(): void {
  for (const folder of ["mod.ts", "src", "cli"]) {
    const copy = join(root, LAYOUT, "src", folder);
    cpSync(join(root, folder), copy, { recursive: true });
  }
  for (const file of filesUnder(join(LAYOUT, "esm"), ".d.ts")) {
    const text = readFileSync(join(root, file), "utf8");
    const named = text.replace(/(["'])(\.\.?\/[^"']*)\.ts\1/g, "$1$2.js$1");
    writeFileSync(join(root, file), named);
  }
  for (const file of filesUnder(join(LAYOUT, "esm"), ".js.map")) {
    const map = JSON.parse(readFileSync(join(root, file), "utf8"));
    const source = relative(join(LAYOUT, "esm"), file)
      .replace(/\.js\.map$/, ".ts");
    const from = dirname(file);
    map.sources = [relative(from, join(LAYOUT, "src", source))];
    writeFileSync(join(root, file), JSON.stringify(map));
  }
  writePackageJson(join(root, LAYOUT));
}
