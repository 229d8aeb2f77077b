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
export const KNOWN_GAPS: readonly KnownGap[] = [
  {
    columns: /^bun\/node:net\/tcp/,
    laws: /^connect is ENETUNREACH/,
    cause: "Bun 1.4 reports every failed connect of node:net as ECONNREFUSED",
  },
  {
    columns: /^bun\/node:net\/(unix|abstract)$/,
    laws: /^1,000 connects are all served/,
    cause: "Bun 1.4 listens with a backlog of 512 whatever is asked, and its " +
      "node:net tells a Unix connect that finds it full (EAGAIN) as ECONNREFUSED",
  },
  {
    columns: /^bun\/node:net\/tcp/,
    laws: /^the end stays an end when/,
    cause:
      "Bun's node:net says EPIPE when a reset follows the end, and drops " +
      "what is unread: an error is safer than an end that comes too early",
  },
  {
    columns: /^bun(1\.4)?\/native\/tcp/,
    laws: /^the end stays an end when a send fails before it is read$/,
    cause:
      "Bun does not tell what a refused send has met: unless the end was " +
      "seen before, it is taken for a reset",
  },
  {
    columns: /^deno2\.8\/native\/tcp/,
    laws:
      /^(SHUT_RDWR shuts nothing when a send is pending|writable\.abort ends a write that is stuck)$/,
    cause: "Deno before 2.9.5 leaves a write that is stuck as it is when its " +
      "Deno.Conn is closed, until the peer reads or goes",
  },
  {
    columns: /^deno\/node:net\/tcp/,
    laws: /^the end stays an end when a send fails before it is read$/,
    cause: "Deno's node:net looks for an end with a read that takes a reset " +
      "away: what is EPIPE then may be one, and is told as ECONNRESET",
  },
];

/** The cause that keeps a law from being run over a column. */
export function knownGap(column: string, law: string): string | undefined {
  return gapIn(KNOWN_GAPS, column, law);
}

/** The like, among some gaps. */
export function gapIn(
  gaps: readonly KnownGap[],
  column: string,
  law: string,
): string | undefined {
  return gaps.find((gap) => gap.columns.test(column) && gap.laws.test(law))
    ?.cause;
}
