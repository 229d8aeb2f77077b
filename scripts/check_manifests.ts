/**
 * Holds the manifests together: `package.json` and `deno.json` have the same
 * version and entry points, every entry point exists, and nothing that only
 * one machine knows got into a file that is committed.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.ts";
import { VERSION } from "../cli/version.ts";
import { denoManifest, PROGRAM, readJson, RUN } from "./npm_manifest.ts";

const faults: string[] = [];
const deno = denoManifest();
const npm = readJson("package.json") as {
  version: string;
  exports: Record<string, string>;
};

if (deno.version !== npm.version) {
  faults.push(`deno.json is ${deno.version}, package.json ${npm.version}`);
}
if (deno.version !== VERSION) {
  faults.push(`deno.json is ${deno.version}, cli/version.ts ${VERSION}`);
}
const { exports: published } = readJson("deno.json") as typeof deno;
if (published[PROGRAM] !== RUN[PROGRAM]) {
  faults.push(`${PROGRAM} is ${published[PROGRAM]}, not ${RUN[PROGRAM]}`);
}
if (JSON.stringify(deno.exports) !== JSON.stringify(npm.exports)) {
  faults.push("deno.json and package.json differ in their exports");
}
for (const [key, path] of Object.entries(deno.exports)) {
  if (!existsSync(join(root, path))) faults.push(`${key}: no file ${path}`);
  // Examples and documents import it by its npm name, also on Deno.
  if (deno.imports[`anysock${key.slice(1)}`] !== path) {
    faults.push(`${key} is not among the imports of deno.json`);
  }
}

/** The folders that are reached through `mod.ts` alone. */
const INNER = ["names", "socket"];
for (const folder of readdirSync(join(root, "src"))) {
  const path = `./src/${folder}/mod.ts`;
  if (INNER.includes(folder) || !existsSync(join(root, path))) continue;
  if (deno.exports[`./${folder}`] !== path) {
    faults.push(`${path} is no entry point of deno.json`);
  }
}

/** What belongs to a machine or a mirror and not into a repository. */
const FOREIGN =
  /"resolved": "|registry\.[a-z.]+\.(?:org|com)|\/(?:root|work)\//;
const committed = execFileSync("git", ["ls-files", "-z"], {
  cwd: root,
  encoding: "utf8",
}).split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
for (const file of committed) {
  // The pattern itself has to stand somewhere.
  if (file === "scripts/check_manifests.ts") continue;
  readFileSync(join(root, file), "utf8").split("\n").forEach((line, i) => {
    if (FOREIGN.test(line)) faults.push(`${file}:${i + 1}: ${line.trim()}`);
  });
}

for (const fault of faults) console.log(fault);
console.log(`${committed.length} committed files, ${faults.length} faults`);
if (faults.length > 0 || committed.length === 0) process.exitCode = 1;
