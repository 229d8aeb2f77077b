/**
 * Bytes for eyes: sixteen in a row, with their place and their letters.
 *
 * @module
 */

const IN_A_ROW = 16;

/**
 * Rows as `hexdump -C` writes them; `start` is the place of the first byte.
 *
 *     00000000  48 69 0a                                          |Hi.|
 */
export function hexRows(bytes: Uint8Array, start = 0): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += IN_A_ROW) {
    text += `${hexRow(bytes.subarray(at, at + IN_A_ROW), start + at)}\n`;
  }
  return text;
}

function hexRow(bytes: Uint8Array, place: number): string {
  let hex = "";
  let letters = "";
  bytes.forEach((byte, i) => {
    hex += `${i === IN_A_ROW / 2 ? " " : ""} ${two(byte)}`;
    letters += letterOf(byte);
  });
  const offset = place.toString(16).padStart(8, "0");
  return `${offset} ${hex.padEnd(IN_A_ROW * 3 + 2)} |${letters}|`;
}

function two(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function letterOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

/**
 * Bytes in one line, as a string of JavaScript would have them, cut after
 * `most` bytes.
 */
export function quoted(bytes: Uint8Array, most = 60): string {
  const escapes: Readonly<Record<number, string>> = {
    ...{ 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" },
  };
  let text = "";
  for (const byte of bytes.subarray(0, most)) {
    const letter = letterOf(byte);
    const isPrinted = letter !== "." || byte === 0x2e;
    text += escapes[byte] ?? (isPrinted ? letter : `\\x${two(byte)}`);
  }
  return `"${text}"${bytes.length > most ? "…" : ""}`;
}
