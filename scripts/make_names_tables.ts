/**
 * Writes `src/names/tables.ts` from the files of Debian's package `netbase`,
 * which hold the numbers of IANA's registries. Of the services it takes the
 * part that IANA assigned. On a Debian system:
 * `node scripts/run.mjs make_names_tables`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.ts";

/** Where the services end that IANA assigned to TCP and UDP. */
const END_OF_ASSIGNED = "# Datagram Delivery Protocol services";

const services = readFileSync("/etc/services", "utf8");
const end = services.indexOf(END_OF_ASSIGNED);
if (end < 0) throw new Error(`No "${END_OF_ASSIGNED}" in /etc/services`);

const tables = {
  SERVICES: rows(services.slice(0, end)),
  PROTOCOLS: rows(readFileSync("/etc/protocols", "utf8")),
};

const HEADER = `/**
 * Services and protocols for where the system's files may not be read: the
 * numbers of IANA's registries, taken from Debian's package netbase. Made by
 * \`node scripts/run.mjs make_names_tables\`.
 *
 * @module
 */
`;

const members = Object.entries(tables).map(([name, lines]) =>
  `/** In the form of \`/etc/${name.toLowerCase()}\`: name, number, aliases. */
export const ${name} = \`
${lines.join("\n")}
\`;
`
);
writeFileSync(
  join(root, "src", "names", "tables.ts"),
  [HEADER, ...members].join("\n"),
);
for (const [name, lines] of Object.entries(tables)) {
  console.log(`${name}: ${lines.length} entries`);
}

/** The entries without comments, their columns one space apart. */
function rows(text: string): string[] {
  return text.split("\n")
    .map((line) => line.replace(/#.*/, "").trim().replace(/\s+/g, " "))
    .filter((line) => line !== "");
}
