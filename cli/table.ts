/**
 * Tables in plain text.
 *
 * @module
 */

/** A table in plain text, its columns as wide as they need to be. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  return rows
    .map((row) =>
      row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()
    )
    .join("\n");
}
