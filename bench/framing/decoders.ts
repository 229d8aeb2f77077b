/**
 * Who decodes: this library, loops written by hand for the one case, and the
 * libraries that people use. Each goes through all chunks `rounds` times and
 * gives a number that depends on every frame.
 */

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Codec } from "../../src/framing/mod.ts";
import { lengthPrefixed, lines } from "../../src/framing/mod.ts";
import type { DecodeCase } from "./frames.ts";

/** Decodes chunks and gives the count of frames, or of what they hold. */
export type Contestant = (
  chunks: readonly Uint8Array[],
  rounds: number,
) => number | Promise<number>;

type Chunks = readonly Uint8Array[];
type Sized = { readonly length: number };

/** A library of bench/package.json: not there when the sources are checked. */
function rival(name: string): Promise<unknown> {
  return import(name);
}

function ours(codec: Codec<Sized, never>): Contestant {
  return (chunks, rounds) => {
    const decoder = codec.decoder();
    let sum = 0;
    for (let round = 0; round < rounds; round++) {
      for (const chunk of chunks) {
        for (const frame of decoder.push(chunk)) sum += frame.length;
      }
    }
    return sum;
  };
}

/** A loop for one protocol: a chunk in, its frames out, as an array. */
type Loop = () => (chunk: Uint8Array) => Uint8Array[];

function byHand(loop: Loop): Contestant {
  return (chunks, rounds) => {
    const push = loop();
    let sum = 0;
    for (let round = 0; round < rounds; round++) {
      for (const chunk of chunks) {
        for (const frame of push(chunk)) sum += frame.length;
      }
    }
    return sum;
  };
}

/** What a good programmer writes for this one protocol, and nothing else. */
const handU32: Loop = () => {
  let held: Uint8Array = new Uint8Array(0);
  const sizeAt = (bytes: Uint8Array, at: number): number =>
    (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
      bytes[at + 3]!) >>> 0;
  return (chunk) => {
    const frames: Uint8Array[] = [];
    let at = 0;
    if (held.length > 0) {
      // Only the frame that straddles is copied.
      const head = new Uint8Array(4);
      for (let i = 0; i < 4; i++) head[i] = held[i] ?? chunk[i - held.length]!;
      const size = 4 + sizeAt(head, 0);
      const whole = new Uint8Array(size);
      whole.set(held);
      at = size - held.length;
      whole.set(chunk.subarray(0, at), held.length);
      frames.push(whole.subarray(4));
    }
    for (;;) {
      const left = chunk.length - at;
      if (left < 4) break;
      const end = at + 4 + sizeAt(chunk, at);
      if (end > chunk.length) break;
      frames.push(chunk.subarray(at + 4, end));
      at = end;
    }
    held = chunk.slice(at);
    return frames;
  };
};

const handVarint: Loop = () => {
  let held: Uint8Array = new Uint8Array(0);
  return (piece) => {
    const frames: Uint8Array[] = [];
    let chunk = piece;
    if (held.length > 0) {
      chunk = new Uint8Array(held.length + piece.length);
      chunk.set(held);
      chunk.set(piece, held.length);
    }
    let at = 0;
    for (;;) {
      let size = 0;
      let shift = 0;
      let place = at;
      let byte = 0x80;
      while (byte >= 0x80 && place < chunk.length) {
        byte = chunk[place++]!;
        size |= (byte & 0x7f) << shift;
        shift += 7;
      }
      if (byte >= 0x80 || place + size > chunk.length) break;
      frames.push(chunk.subarray(place, place + size));
      at = place + size;
    }
    held = chunk.slice(at);
    return frames;
  };
};

function handLines(chunks: Chunks, rounds: number): number {
  const decoder = new TextDecoder();
  let sum = 0;
  let rest = "";
  for (let round = 0; round < rounds; round++) {
    for (const chunk of chunks) {
      const found = (rest + decoder.decode(chunk, { stream: true }))
        .split("\n");
      rest = found.pop()!;
      for (const line of found) sum += line.length;
    }
  }
  return sum;
}

function* repeat(chunks: Chunks, rounds: number): Generator<Uint8Array> {
  for (let round = 0; round < rounds; round++) yield* chunks;
}

async function itLengthPrefixed(kind: DecodeCase["kind"]): Promise<Contestant> {
  const { decode } = await rival("it-length-prefixed") as {
    decode(source: Iterable<Uint8Array>, options: object): Iterable<Sized>;
  };
  const lengthDecoder = Object.assign(
    (data: { getUint32?(at: number): number; subarray(): Uint8Array }) => {
      if (data.getUint32) return data.getUint32(0);
      const bytes = data.subarray();
      return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    },
    { bytes: 4 },
  );
  const options = kind === "u32" ? { lengthDecoder } : {};
  return (chunks, rounds) => {
    let sum = 0;
    for (const frame of decode(repeat(chunks, rounds), options)) {
      sum += frame.length;
    }
    return sum;
  };
}

async function lengthPrefixedStream(): Promise<Contestant> {
  const { default: lps } = await rival("length-prefixed-stream") as {
    default: { decode(): NodeJS.ReadWriteStream };
  };
  return (chunks, rounds) => throughStream(lps.decode(), chunks, rounds);
}

async function split2Lines(): Promise<Contestant> {
  const { default: split2 } = await rival("split2") as {
    default(): NodeJS.ReadWriteStream;
  };
  return (chunks, rounds) => throughStream(split2(), chunks, rounds);
}

function throughStream(
  stream: NodeJS.ReadWriteStream,
  chunks: Chunks,
  rounds: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let sum = 0;
    stream.on("data", (frame: Sized) => sum += frame.length);
    stream.on("end", () => resolve(sum));
    stream.on("error", reject);
    const buffers = chunks.map((chunk) =>
      Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    );
    Readable.from(repeat(buffers, rounds), { objectMode: false }).pipe(stream);
  });
}

async function readline(chunks: Chunks, rounds: number): Promise<number> {
  const buffers = chunks.map((chunk) => Buffer.from(chunk.buffer));
  const input = Readable.from(repeat(buffers, rounds), { objectMode: false });
  let sum = 0;
  const reader = createInterface({ input, crlfDelay: Infinity });
  reader.on("line", (line) => sum += line.length);
  await new Promise((resolve) => reader.once("close", resolve));
  return sum;
}

/** Everybody who takes part in a kind of case, by name; this library first. */
export function contestants(
  kind: DecodeCase["kind"],
): Readonly<Record<string, () => Contestant | Promise<Contestant>>> {
  if (kind === "line") {
    return {
      "anysock": () => ours(lines()),
      "by hand": () => handLines,
      "split2": split2Lines,
      "readline": () => readline,
    };
  }
  return {
    "anysock": () => ours(lengthPrefixed({ header: kind })),
    "by hand": () => byHand(kind === "u32" ? handU32 : handVarint),
    "it-length-prefixed": () => itLengthPrefixed(kind),
    ...(kind === "varint" && {
      "length-prefixed-stream": lengthPrefixedStream,
    }),
  };
}
