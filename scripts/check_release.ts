/**
 * Holds a tag to the version that is to be released: `check_release v1.2.3`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.ts";
import { denoManifest } from "./npm_manifest.ts";

/** What is wrong with releasing a version by a tag, a line each. */
export function faultsOf(
  tag: string,
  version: string,
  changelog: string,
): string[] {
  const faults: string[] = [];
  if (tag !== `v${version}`) {
    faults.push(`The tag is ${tag}, and deno.json says ${version}`);
  }
  const [, told] = new RegExp(
    `^## ${version.replaceAll(".", "\\.")} \\((.*)\\)$`,
    "m",
  ).exec(changelog) ?? [];
  if (told === undefined) {
    faults.push(`CHANGELOG.md has no "## ${version} (date)"`);
  } else if (!/^\d{4}-\d\d-\d\d$/.test(told)) {
    faults.push(`CHANGELOG.md says ${version} is ${told}, not its date`);
  }
  return faults;
}

const [tag] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename) {
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const faults = faultsOf(tag ?? "", denoManifest().version, changelog);
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${tag} may be released`);
}
