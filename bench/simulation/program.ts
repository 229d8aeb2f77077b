/**
 * One load in a process of its own: `program.ts LOAD SCALE`. Prints what it
 * took, after a small one that warms up.
 */

import process from "node:process";
import { PLAYS } from "./scenarios.ts";
import type { Load, SimulationRound } from "./results.ts";

const WARM = 0.05;

const [load, scale] = process.argv.slice(2);
const play = PLAYS[load as Load];
await play(Number(scale) * WARM);

const start = performance.now();
const { events, virtualMs } = await play(Number(scale));
const ms = performance.now() - start;
const peakBytes = process.resourceUsage().maxRSS * 1024;
const round: SimulationRound = { ms, events, virtualMs, peakBytes };
console.log(JSON.stringify(round));
process.exit(0);
