/**
 * Holds the architecture: prints every breach of the rules as
 * `file:line: rule` and exits 1 when there is one.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { breachesIn, filesImportedBy, findCycles } from "./import_rules.ts";
import { filesUnder, root } from "./lib.ts";

const folders = ["src", "cli", "examples"];
const files = ["mod.ts", ...folders.flatMap((each) => filesUnder(each))]
  .filter((file) => existsSync(join(root, file)));
const texts = files.map((file) => readFileSync(join(root, file), "utf8"));
const breaches = files.flatMap((file, i) => breachesIn(file, texts[i] ?? ""));

const imports = Object.fromEntries(
  files.map((file, i) => [file, filesImportedBy(file, texts[i] ?? "")]),
);
for (const cycle of findCycles(imports)) {
  const rule = `imports run in a ring: ${cycle.join(" → ")}`;
  breaches.push({ file: cycle[0] ?? "", line: 1, rule });
}

for (const { file, line, rule } of breaches) {
  console.log(`${file}:${line}: ${rule}`);
}
const seen = Object.values(imports).flat().length;
console.log(
  `${files.length} files, ${seen} imports, ${breaches.length} breaches`,
);
if (breaches.length > 0 || seen === 0) process.exitCode = 1;
