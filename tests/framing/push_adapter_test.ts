/** How much is copied to have what a decoder from outside has not framed. */

import assert from "node:assert/strict";
import { type Decoder, encoderOf } from "../../src/framing/mod.ts";
import { pullDecoder } from "../../src/framing/decoding/push_adapter.ts";
import { test } from "../harness.ts";

const PIECE_BYTES = 100;
const PIECES = 1_000;
const FRAME_BYTES = PIECE_BYTES * PIECES;

/** Frames of one length, known by their number; it copies nothing. */
class Counting implements Decoder<number> {
  #bytes = 0;
  #frames = 0;

  get buffered(): number {
    return this.#bytes;
  }

  get need(): number {
    return FRAME_BYTES - this.#bytes;
  }

  push(chunk: Uint8Array): number[] {
    const frames: number[] = [];
    this.#bytes += chunk.length;
    for (; this.#bytes >= FRAME_BYTES; this.#bytes -= FRAME_BYTES) {
      frames.push(++this.#frames);
    }
    return frames;
  }

  end(): number[] {
    return [];
  }
}

const encoder = encoderOf<never>(() => {});
const codec = { decoder: () => new Counting(), encoder: () => encoder };

/** How many bytes are copied from one array to another while `work` is done. */
function copiedBy(work: () => void): number {
  const { set } = Uint8Array.prototype;
  let bytes = 0;
  Uint8Array.prototype.set = function (from, at) {
    bytes += from.length;
    set.call(this, from, at);
  };
  try {
    work();
  } finally {
    Uint8Array.prototype.set = set;
  }
  return bytes;
}

/** The bytes of the pieces with these numbers; each byte tells its piece. */
function piece(number: number): Uint8Array {
  return new Uint8Array(PIECE_BYTES).fill(number % 251);
}

test("a frame that comes in many pieces is copied once to be handed back", () => {
  const decoder = pullDecoder(codec);
  let rest = new Uint8Array(0);
  const copied = copiedBy(() => {
    for (let number = 0; number < PIECES - 1; number++) {
      decoder.feed(piece(number), 0);
      decoder.next();
    }
    rest = decoder.take();
  });
  assert.equal(rest.length, FRAME_BYTES - PIECE_BYTES);
  for (let at = 0; at < rest.length; at += 37) {
    assert.equal(rest[at], Math.floor(at / PIECE_BYTES) % 251, `byte ${at}`);
  }
  assert.ok(copied <= 3 * FRAME_BYTES, `${copied} bytes were copied`);
});

test("what is handed back begins behind the last frame given, wherever that ends", () => {
  for (const given of [0, 1, 2]) {
    const decoder = pullDecoder(codec);
    // The first frame ends within a piece; two more end within the last one.
    const pieces = [
      piece(1),
      new Uint8Array(FRAME_BYTES).fill(2),
      piece(3),
      new Uint8Array(2 * FRAME_BYTES).fill(4),
    ];
    const whole = pieces.flatMap((each) => [...each]);
    const results: unknown[] = [];
    for (const each of pieces.slice(0, 3)) {
      decoder.feed(each, 0);
      results.push(decoder.next());
    }
    decoder.feed(pieces[3]!, 0);
    for (let count = 0; count < given; count++) results.push(decoder.next());
    const frames = results.filter((each) => typeof each === "number").length;
    assert.equal(frames, 1 + given);
    assert.deepEqual(
      [...decoder.take()],
      whole.slice(frames * FRAME_BYTES),
      `after ${frames} frames`,
    );
  }
});
