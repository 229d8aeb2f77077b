/**
 * Codecs as somebody writes them who has the package and not its sources: only
 * what its entry points export is imported.
 */

import {
  type Bytes,
  type BytesLike,
  type Codec,
  CorruptFrameError,
  type Decoder,
  decoderOf,
  encoderOf,
  type FrameLimits,
  IncompleteFrameError,
  toBytes,
} from "../../src/framing/mod.ts";
import type { ByteWriter } from "../../src/byteorder/mod.ts";

const START = 0x7e;
const LAST = 0x0a;

/** `7e | length (16 bits) | message | 0a`, of two functions. */
export function packets(limits: FrameLimits = {}): Codec<Bytes, BytesLike> {
  const encoder = encoderOf(writePacket);
  return {
    decoder: () => decoderOf(measurePacket, limits),
    encoder: () => encoder,
  };
}

function writePacket(message: BytesLike, out: ByteWriter): void {
  const bytes = toBytes(message);
  out.u8(START).u16(bytes.length).bytes(bytes).u8(LAST);
}

function measurePacket(bytes: Uint8Array) {
  const [start, high, low] = bytes;
  if (start !== START) {
    throw new CorruptFrameError(`No packet begins with ${start}`);
  }
  if (high === undefined || low === undefined) return 3;
  return { header: 3, payload: high * 256 + low, trailer: 1 };
}

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED = new Map([[0xdc, END], [0xdd, ESCAPE]]);

/** SLIP (RFC 1055), by hand: a message ends with `c0`. */
export function slip(): Codec<Uint8Array, Uint8Array> {
  const encoder = encoderOf<Uint8Array>((message, out) => {
    for (const byte of message) {
      if (byte === END) out.u8(ESCAPE).u8(0xdc);
      else if (byte === ESCAPE) out.u8(ESCAPE).u8(0xdd);
      else out.u8(byte);
    }
    out.u8(END);
  });
  return { decoder: () => new SlipDecoder(), encoder: () => encoder };
}

class SlipDecoder implements Decoder<Uint8Array> {
  #held: number[] = [];
  #failure: unknown;

  get buffered(): number {
    return this.#held.length;
  }

  get need(): undefined {
    return undefined;
  }

  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure;
    const messages: Uint8Array[] = [];
    try {
      for (const byte of chunk) {
        if (byte === END) messages.push(unescape(this.#held.splice(0)));
        else this.#held.push(byte);
      }
    } catch (error) {
      this.#failure = error;
    }
    return messages;
  }

  end(): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#held.length === 0) return [];
    this.#failure = new IncompleteFrameError(Uint8Array.from(this.#held));
    throw this.#failure;
  }
}

function unescape(bytes: number[]): Uint8Array {
  const message: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    const meant = byte === ESCAPE ? ESCAPED.get(bytes[++at] ?? -1) : byte;
    if (meant === undefined) throw new CorruptFrameError("A bad escape");
    message.push(meant);
  }
  return Uint8Array.from(message);
}
