/**
 * Writes the histories that all runtimes must have in common to
 * `tests/simulation/vectors.json`.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { PLANTED } from "../tests/simulation/planted.ts";
import {
  findingOf,
  hashesOf,
  HISTORIES,
  lineOfFinding,
} from "../tests/simulation/vectors.ts";

const planted: Record<string, string> = {};
for (const each of PLANTED) {
  planted[each.name] = lineOfFinding(await findingOf(each));
}
const hashes: Record<string, readonly string[]> = {};
for (const each of HISTORIES) hashes[each.name] = await hashesOf(each);
const text = JSON.stringify({ planted, hashes }, null, 1);
await writeFile("tests/simulation/vectors.json", `${text}\n`);
console.log("tests/simulation/vectors.json is written");
