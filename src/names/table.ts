/**
 * The format of `/etc/services`, `/etc/protocols` and `/etc/hosts`: columns
 * parted by white space, comments after `#`.
 *
 * @module
 */

/** One entry of a services or protocols file. */
export interface Entry {
  /** The official name. */
  readonly name: string;
  /** The second column. */
  readonly value: string;
  /** Other names. */
  readonly aliases: readonly string[];
}

/** The columns of each line that has some. */
export function rowsOf(text: string): string[][] {
  return text.split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "")
    .map((line) => line.split(/\s+/));
}

/** The entries of a services or protocols file. */
export function entriesOf(text: string): Entry[] {
  return rowsOf(text).flatMap(([name, value, ...aliases]) =>
    name === undefined || value === undefined ? [] : [{ name, value, aliases }]
  );
}

/** Whether an entry goes by a name. */
export function isNamed(entry: Entry, name: string): boolean {
  return entry.name === name || entry.aliases.includes(name);
}
