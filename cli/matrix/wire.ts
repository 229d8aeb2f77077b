/** What the matrix's clients and servers agree on. */

/** The one request there is. */
export const REQUEST = "GET runtime\n";

/** What a client found, printed as its last line. */
export interface Received {
  /** How much came. */
  readonly bytes: number;
  /** From connecting to the end of the stream. */
  readonly seconds: number;
  /** The SHA-256 of what came, in hex. */
  readonly digest: string;
}
