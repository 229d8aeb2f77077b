/**
 * The text of files that have an encoding.
 *
 * @module
 */

import { socketError } from "../../errors.ts";

let decoder: TextDecoder | undefined;

/**
 * The text of what a call named `op` read.
 *
 * @throws {SocketError} `EILSEQ` if it is not UTF-8.
 */
export function decodeText(op: string, bytes: Uint8Array): string {
  decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw socketError("EILSEQ", { op, cause });
  }
}
