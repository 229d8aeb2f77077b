/**
 * Decodes on the runtime that runs it and prints one line of JSON for each
 * contestant: `node decode.ts FRAMES ROUNDS`. Contestants take turns.
 */

import { contestants } from "../decoders.ts";
import { chunksOf, DECODE_CASES, frameOf } from "../frames.ts";

const [frames = 1_000_000, rounds = 5] = process.argv.slice(2).map(Number);

for (const each of DECODE_CASES) {
  const frame = frameOf(each);
  const { chunks, frames: there } = chunksOf(frame);
  const times = Math.max(1, Math.ceil(frames / there));
  const rates = new Map<string, number[]>();
  let want: number | undefined;
  for (let round = -1; round < rounds; round++) {
    for (const [name, decode] of await contestants(each)) {
      const start = performance.now();
      const sum = await decode(chunks, times);
      const seconds = (performance.now() - start) / 1_000;
      want ??= sum;
      if (sum !== want) throw new Error(`${name} decoded ${sum}, not ${want}`);
      // The first round only warms up.
      if (round >= 0) {
        rates.set(name, [...rates.get(name) ?? [], there * times / seconds]);
      }
    }
  }
  for (const [contestant, perSecond] of rates) {
    console.log(JSON.stringify({ case: each.name, contestant, perSecond }));
  }
}
console.log("done");
