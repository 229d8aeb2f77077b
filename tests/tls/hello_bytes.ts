/**
 * A ClientHello written by hand.
 *
 * @module
 */

/** What it says, and how it is wrong. */
export interface HelloParts {
  readonly serverName?: string;
  readonly alpnProtocols?: readonly string[];
  readonly versions?: readonly number[];
  readonly hasExtensions?: boolean;
  /** The length written before an empty session id. */
  readonly sessionLength?: number;
  readonly isNamedTwice?: boolean;
  /** Bytes of a padding extension. */
  readonly padding?: number;
}

/** The handshake message, without records. */
export function helloBytes(parts: HelloParts): Uint8Array {
  const { hasExtensions = true, sessionLength = 0 } = parts;
  const body = [
    ...[3, 3],
    ...new Uint8Array(32),
    sessionLength,
    ...vector(2, [0x13, 0x01, 0xc0, 0x2b]),
    ...vector(1, [0]),
    ...(hasExtensions ? vector(2, extensions(parts)) : []),
  ];
  return new Uint8Array([1, ...vector(3, body)]);
}

function extensions(parts: HelloParts): number[] {
  const { serverName, alpnProtocols, versions, isNamedTwice, padding } = parts;
  const name = serverName === undefined
    ? []
    : extension(0, vector(2, [0, ...vector(2, letters(serverName))]));
  return [
    ...name,
    ...(isNamedTwice ? name : []),
    ...(alpnProtocols === undefined ? [] : extension(
      16,
      vector(2, alpnProtocols.flatMap((each) => vector(1, letters(each)))),
    )),
    ...(versions === undefined ? [] : extension(
      43,
      vector(1, versions.flatMap((each) => [each >> 8, each & 255])),
    )),
    ...(padding === undefined
      ? []
      : extension(21, [...new Uint8Array(padding)])),
  ];
}

function extension(type: number, content: readonly number[]): number[] {
  return [type >> 8, type & 255, ...vector(2, content)];
}

function vector(size: number, content: readonly number[]): number[] {
  const length: number[] = [];
  for (let at = size - 1; at >= 0; at--) {
    length.push(content.length >> (8 * at) & 255);
  }
  return [...length, ...content];
}

function letters(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** A handshake message in records of at most `size` bytes each. */
export function inRecords(message: Uint8Array, size = 16_384): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    bytes.push(22, 3, 1, part.length >> 8, part.length & 255, ...part);
  }
  return new Uint8Array(bytes);
}
