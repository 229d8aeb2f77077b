/** Tables of results as Markdown. */

import type { Results } from "./output.ts";

/** A table; all columns but the first `texts` are numbers. */
export function markdownTable(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  texts: number,
): string {
  const rule = head.map((_, i) => i < texts ? "---" : "---:");
  return [head, rule, ...lines].map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

/** When and where a run was made. */
export function measuredWhere(
  { date, commit, machine }: Pick<
    Results<string>,
    "date" | "commit" | "machine"
  >,
): string {
  return `Measured ${date.slice(0, 10)} at ${commit} on ${machine.cpu}, ` +
    `${machine.cores} cores, ${machine.system}.`;
}

/** Lines whose first cell is a runtime, with its version behind it. */
export function withVersions(
  lines: readonly (readonly string[])[],
  versions: Readonly<Record<string, string>>,
): string[][] {
  return lines.map(([name = "", ...rest]) => {
    // A name such as deno+net is Deno's, with a flag.
    const version = versions[name.replace(/\+.*/, "")] ?? "";
    return [`${name} ${version}`.trim(), ...rest];
  });
}

/** A line for each runtime and load that there is something of. */
export function linesByLoad<Load, Row extends Of<Load>>(
  rows: readonly Row[],
  loads: readonly Load[],
  cells: (load: Load, rows: readonly Row[]) => string[],
): string[][] {
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  return runtimes.flatMap((runtime) =>
    loads.flatMap((load) => {
      const some = rows.filter((row) =>
        row.runtime === runtime && row.load === load
      );
      return some.length === 0 ? [] : [[runtime, ...cells(load, some)]];
    })
  );
}

interface Of<Load> {
  readonly runtime: string;
  readonly load: Load;
}
