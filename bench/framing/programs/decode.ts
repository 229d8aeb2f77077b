/**
 * Decodes on the runtime that runs it and prints one line of JSON:
 * `node decode.ts FRAMES CASE CONTESTANT`. One contestant in a process: what
 * another did there before can halve what the next one does.
 */

import { contestants } from "../decoders.ts";
import { chunksOf, DECODE_CASES, frameOf } from "../frames.ts";

/** How long it decodes before it counts, so that the JIT has settled. */
const WARM_MS = 300;

const [frames, caseName, name] = process.argv.slice(2);
const decoded = DECODE_CASES.find((each) => each.name === caseName)!;
const decode = await contestants(decoded.kind)[name!]!();
const { chunks, frames: there } = chunksOf(frameOf(decoded));
const times = Math.max(1, Math.ceil(Number(frames) / there));

const warm = performance.now() + WARM_MS;
do await decode(chunks, times); while (performance.now() < warm);
const start = performance.now();
const sum = await decode(chunks, times);
const seconds = (performance.now() - start) / 1_000;
console.log(JSON.stringify({ sum, perSecond: there * times / seconds }));
