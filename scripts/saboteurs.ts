/**
 * Tells which saboteurs break the laws in whose names a text is, and what the
 * laws then say: `node scripts/run.mjs saboteurs "tells bytesSent"`.
 *
 * @module
 */

import { failureUnder, LAWS, NOBODY } from "../tests/testing/saboteur.ts";
import { SABOTEURS } from "../tests/testing/saboteurs/all.ts";

const part = process.argv.slice(2).join(" ");
const laws = LAWS.filter(({ name }) => name.includes(part));
if (part === "" || laws.length === 0) {
  console.log(part === "" ? "Part of a law's name, please." : "No such law.");
  process.exit(2);
}

// A law that fails may leave calls behind that fail too, with nobody waiting.
process.on("unhandledRejection", () => {});

for (const law of laws) {
  console.log(law.name);
  for (const saboteur of [NOBODY, ...SABOTEURS]) {
    const failure = await failureUnder(law, saboteur);
    if (failure === undefined) continue;
    const says = failure instanceof Error ? failure.message : String(failure);
    const isTold = saboteur.breaks.includes(law.name) ? "*" : " ";
    console.log(`  ${isTold} ${saboteur.does}\n      ${says}`);
  }
}
console.log("\n* says so in its `breaks`");
process.exit(0);
