/**
 * DER (X.690), read strictly: one way to write each value, and nothing beyond
 * its end.
 *
 * @module
 */

/** The tags that certificates have. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value: its tag and its bytes. */
export interface DerValue {
  readonly tag: number;
  /** What it holds. */
  readonly content: Uint8Array;
  /** The same with tag and length. */
  readonly whole: Uint8Array;
}

/** The bytes are not what they should be. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** Values, one behind the other. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads `bytes` from their beginning. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether every byte was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next value; `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next value, which must have the tag where one is given. */
  read(tag?: number): DerValue {
    const start = this.#at;
    const found = this.#byte();
    if ((found & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
    if (tag !== undefined && found !== tag) {
      throw new DerError(`tag ${found} where ${tag} belongs`);
    }
    const length = this.#length();
    const from = this.#at;
    if (length > this.#bytes.length - from) {
      throw new DerError("a value beyond the end");
    }
    this.#at = from + length;
    return {
      tag: found,
      content: this.#bytes.subarray(from, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }

  /** The next value if it has the tag. */
  readIf(tag: number): DerValue | undefined {
    return this.nextTag === tag ? this.read(tag) : undefined;
  }

  /** What is in the next value, which must have the tag. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag).content);
  }

  /** Throws unless every byte was read. */
  end(): void {
    if (!this.isAtEnd) throw new DerError("bytes behind the last value");
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    // Certificates are shorter than 4 GiB; 0x80 is BER's "until the end".
    if (count === 0 || count > 4) throw new DerError("a length that is none");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) {
      throw new DerError("a length with more bytes than it needs");
    }
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new DerError("the bytes end too early");
    this.#at++;
    return byte;
  }
}

/** The dotted text of an object identifier. */
export function readOid(content: Uint8Array): string {
  if (content.length === 0 || content.length > 64) {
    throw new DerError("an object identifier that is none");
  }
  const arcs: bigint[] = [];
  let arc = 0n;
  let isFirstByte = true;
  for (const byte of content) {
    if (isFirstByte && byte === 0x80) throw new DerError("an arc with zeros");
    arc = arc << 7n | BigInt(byte & 0x7f);
    isFirstByte = byte < 0x80;
    if (!isFirstByte) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (!isFirstByte) throw new DerError("an arc without its end");
  const [first = 0n, ...rest] = arcs;
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}

/** The moment that a UTCTime or GeneralizedTime names (RFC 5280 §4.1.2.5). */
export function readTime({ tag, content }: DerValue): Date {
  const text = latin1(content);
  const digits = tag === TAG.utcTime ? 2 : 4;
  if (tag !== TAG.utcTime && tag !== TAG.generalizedTime) {
    throw new DerError(`tag ${tag} where a time belongs`);
  }
  const form = new RegExp(
    `^(\\d{${digits}})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)Z$`,
  );
  const match = form.exec(text);
  if (match === null) throw new DerError("a time that is none");
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    match.slice(1).map(Number);
  const year = tag === TAG.utcTime
    ? written + (written < 50 ? 2000 : 1900)
    : written;
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  time.setUTCHours(hour, minute, second);
  const isReal = time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day && time.getUTCHours() === hour &&
    time.getUTCMinutes() === minute && time.getUTCSeconds() === second;
  if (!isReal) throw new DerError("a time that the calendar does not have");
  return time;
}

/** One character for each byte. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Two capital digits for each byte. */
export function hex(bytes: Uint8Array, separator = ""): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(separator).toUpperCase();
}
