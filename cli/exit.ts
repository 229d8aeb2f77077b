/**
 * How a command ends, as the shell sees it.
 *
 * @module
 */

/** All went well. */
export const EXIT_OK = 0;
/** The world did not play along: nobody listens, a reset, no answer in time. */
export const EXIT_FAILED = 1;
/** The command line is wrong; nothing was done. */
export const EXIT_USAGE = 2;
/** Ctrl-C, as shells count it. */
export const EXIT_INTERRUPTED = 130;

/** The command line is wrong, and the message says how it would be right. */
export class UsageError extends Error {
  /** The class's own name. */
  override readonly name = "UsageError";
}
