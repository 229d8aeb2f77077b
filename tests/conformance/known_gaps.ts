/**
 * Bugs and limits of the runtimes themselves that keep a law from holding:
 * each is skipped by name, with its cause, and listed in ARCHITECTURE.md.
 *
 * @module
 */

/** A law that does not hold on a column because of the runtime. */
export interface KnownGap {
  /** Which columns, such as `"bun/native/tcp4"`. */
  readonly columns: RegExp;
  /** Which laws. */
  readonly laws: RegExp;
  /** Why, in one sentence. */
  readonly cause: string;
}

/** All of them. */
export const KNOWN_GAPS: readonly KnownGap[] = [];

/** The cause that keeps a law from being run over a column. */
export function knownGap(column: string, law: string): string | undefined {
  return KNOWN_GAPS.find((gap) =>
    gap.columns.test(column) && gap.laws.test(law)
  )?.cause;
}
