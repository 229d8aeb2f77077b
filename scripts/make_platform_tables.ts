/**
 * Writes `src/runtime/platform_tables.ts`. The numbers and texts of Linux come
 * from the C headers and library of the machine it runs on (gcc is needed),
 * those of macOS and Windows from `platform_data.ts`.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./lib.ts";
import {
  CONSTANT_NAMES,
  DARWIN_CONSTANTS,
  DARWIN_ERRNO,
  LIBRARY_OWN,
  WIN32_CONSTANTS,
  WIN32_ERRNO,
} from "./platform_data.ts";

type Numbers = Readonly<Record<string, number>>;

/** How the columns become tables. */
const COLUMNS = `type Numbers = Readonly<Record<string, number>>;

function column<T>(
  names: readonly string[],
  values: readonly T[],
): Record<string, T> {
  const table: Record<string, T> = {};
  for (const [i, name] of names.entries()) table[name] = values[i]!;
  return table;
}

function numbers(names: string, values: string): object {
  const all = column(names.split(" "), values.split(","));
  const known = Object.entries(all).filter(([, value]) => value !== "");
  return Object.fromEntries(known.map(([name, text]) => [name, Number(text)]));
}
`;

const HEADERS = [
  "errno.h",
  "netdb.h",
  "netinet/in.h",
  "netinet/tcp.h",
  "netinet/udp.h",
  "stdio.h",
  "string.h",
  "sys/socket.h",
].map((name) => `#include <${name}>\n`).join("");

const LICENCE = `/**
 * The numbers and texts of C on Linux, macOS and Windows. Made by
 * \`npm run tables\`: change \`scripts/platform_data.ts\` and run that. A
 * column each, beside one of names, is a third smaller than objects, and an
 * import does not pay for the columns of the other systems.
 *
 * @module
 */
`;

const linuxErrno: Record<string, number> = {};
const linuxConstants: Record<string, number> = {};
const texts: Record<string, string> = {};
for (const line of askC(errnoNames()).trim().split("\n")) {
  const [name = "", value, text = ""] = line.split("\t");
  const isErrno = /^E(?!AI_)/.test(name);
  (isErrno ? linuxErrno : linuxConstants)[name] = Number(value);
  if (text) texts[name] = text;
}

const errno = [linuxErrno, DARWIN_ERRNO, WIN32_ERRNO] as const;
const errorNames = [...new Set(errno.flatMap((each) => Object.keys(each)))]
  .sort();
const lookupNames = Object.keys(texts).filter((name) => !(name in linuxErrno));
// What a system has itself goes before the library's own number.
const constants = [linuxConstants, DARWIN_CONSTANTS, WIN32_CONSTANTS]
  .map((table) => inOrder({ ...LIBRARY_OWN, ...table }));
writeFileSync(
  join(root, "src", "runtime", "platform_tables.ts"),
  [
    LICENCE,
    namesOf(constants),
    COLUMNS,
    names("ERRORS", errorNames),
    numbers("linuxErrno", "ERRORS", errorNames, errno[0]),
    numbers("darwinErrno", "ERRORS", errorNames, errno[1]),
    numbers("win32Errno", "ERRORS", errorNames, errno[2]),
    names("CONSTANTS", CONSTANT_NAMES),
    ...["linux", "darwin", "win32"].map((system, i) =>
      numbers(
        `${system}Constants`,
        "CONSTANTS",
        CONSTANT_NAMES,
        constants[i] ?? {},
      )
    ),
    names("OF_LOOKUPS", lookupNames),
    column(
      "texts",
      `\`\${ERRORS} \${OF_LOOKUPS}\`.split(" ")`,
      [...errorNames, ...lookupNames].map((name) => texts[name] ?? ""),
      "|",
    ),
  ].join("\n"),
);
console.log(
  `${Object.keys(linuxErrno).length} errors, ` +
    `${Object.keys(linuxConstants).length} constants of Linux`,
);

/** All names that errno.h defines here, in alphabetical order. */
function errnoNames(): string[] {
  const macros = execFileSync("gcc", ["-dM", "-E", "-"], {
    input: "#define _GNU_SOURCE\n#include <errno.h>\n",
    encoding: "utf8",
  });
  return [...macros.matchAll(/^#define (E[0-9A-Z]+) /gm)]
    .map((match) => match[1] ?? "")
    .sort();
}

/** Name, number and text of everything, as lines parted by tabs. */
function askC(errorNames: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), "anysock-tables-"));
  try {
    const source = join(dir, "ask.c");
    writeFileSync(source, cProgram(errorNames));
    execFileSync("gcc", ["-o", join(dir, "ask"), source]);
    return execFileSync(join(dir, "ask"), { encoding: "utf8" });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function cProgram(errorNames: readonly string[]): string {
  const ask = (name: string, text: string) =>
    `#ifdef ${name}\n` +
    `printf("%s\\t%lld\\t%s\\n", "${name}", (long long) ${name}, ${text});\n` +
    `#endif\n`;
  const lines = [
    ...errorNames.map((name) => ask(name, `strerror(${name})`)),
    ...CONSTANT_NAMES.map((name) => ask(name, textOf(name))),
  ];
  return `#define _GNU_SOURCE\n${HEADERS}int main(void) {\n${
    lines.join("")
  }return 0;\n}\n`;
}

function textOf(name: string): string {
  if (name.startsWith("EAI_")) return `gai_strerror(${name})`;
  const isHost = /^(HOST_NOT_FOUND|TRY_AGAIN|NO_RECOVERY|NO_DATA)$/.test(name);
  return isHost ? `hstrerror(${name})` : `""`;
}

function inOrder(table: Numbers): Record<string, number> {
  const ordered: Record<string, number> = {};
  for (const name of CONSTANT_NAMES) {
    const value = table[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ordered;
}

/** The interface of the tables: a name that not all have is optional. */
function namesOf(tables: readonly Numbers[]): string {
  const members = CONSTANT_NAMES.map((name) => {
    const everywhere = tables.every((each) => name in each);
    return `readonly ${name}${everywhere ? "" : "?"}: number;`;
  });
  return `/** Every constant; those that not every platform has are optional. */
// deno-fmt-ignore
export interface Constants {
${packed(members, " ")}
}
`;
}

/** The names that columns stand beside. */
function names(name: string, all: readonly string[]): string {
  return `// deno-fmt-ignore
const ${name} =
${strings(all.join(" "))};
`;
}

/** A column of numbers; what a system lacks is empty. */
function numbers(
  name: string,
  beside: string,
  all: readonly string[],
  values: Numbers,
): string {
  const type = beside === "ERRORS" ? "Numbers" : "Constants";
  const text = all.map((each) => values[each] ?? "").join(",");
  return `// deno-fmt-ignore
export const ${name} = (): ${type} => numbers(${beside},
${strings(text)}) as ${type};
`;
}

/** A column of texts. */
function column(
  name: string,
  beside: string,
  values: readonly string[],
  between: string,
): string {
  return `// deno-fmt-ignore
export const ${name} = (): Readonly<Record<string, string>> => column(
  ${beside},
${strings(values.join(between))}.split("${between}"));
`.replace(/^( {2}")([^]*)\.split/m, "  ($1$2).split");
}

/** A text as a sum of strings, as many as 80 columns want. */
function strings(text: string): string {
  const parts = text.match(/.{1,72}(?:[ ,|]|$)/g) ?? [];
  return parts.map((part) => `  ${JSON.stringify(part)}`).join(" +\n");
}

/** Puts as many members on a line as fit in 80 columns. */
function packed(members: readonly string[], glue: string): string {
  const lines: string[] = [];
  let line = " ";
  for (const member of members) {
    if (line.length > 1 && line.length + glue.length + member.length > 80) {
      lines.push(line);
      line = " ";
    }
    line += glue + member;
  }
  return [...lines, line].join("\n");
}
