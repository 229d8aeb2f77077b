/**
 * What a command has around it: its input and outputs, and whether it is to
 * come to an end. Commands know nothing of the process, so that tests can stand
 * in for it.
 *
 * @module
 */

/** Where a command writes. */
export interface Output {
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** How many columns it has; 80 where nobody says. */
  readonly columns: number;
  /**
   * Writes all of it; settles when more may be written.
   *
   * @throws {OutputClosed} if nobody reads any more, as behind `| head -1`.
   */
  write(data: Uint8Array | string): Promise<void>;
}

/** Where a command reads. */
export interface Input extends AsyncIterable<Uint8Array> {
  /** Whether a person types it. */
  readonly isTerminal: boolean;
  /** Reads no more: what waits for a chunk gets the end. */
  stop(): void;
}

/** All that a command has. */
export interface Io {
  /** The standard input. */
  readonly input: Input;
  /** The standard output: what the command was asked for. */
  readonly output: Output;
  /** The standard error: what it says of itself. */
  readonly errors: Output;
  /** Whether colours are welcome, where a person looks. */
  readonly wantsColours: boolean;
  /** Aborted when the command is to end: Ctrl-C, or a polite kill. */
  readonly interrupted: AbortSignal;
}

/** Nobody reads what we write. */
export class OutputClosed extends Error {
  /** The class's own name. */
  override readonly name = "OutputClosed";
}

/** Writes a line. */
export function line(output: Output, text: string): Promise<void> {
  return output.write(`${text}\n`);
}
