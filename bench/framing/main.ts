/**
 * What framing costs: decoding alone, against loops written by hand and the
 * libraries in bench/package.json; and pipelined echo over TCP, against
 * `node:net` as most programs use it and the runtime's own API.
 */

import { RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor, runsCompiled } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux } from "../lib/machine.ts";
import { integer, names, rounds, seconds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { installed } from "../lib/runtimes.ts";
import { decodeOn, echoOn } from "./measure.ts";
import type { DecodeRow, EchoRow, FramingResults } from "./results.ts";
import { installRivals, showRivalsToCompiled } from "./rivals.ts";
import { framingTables } from "./table.ts";

const suite = {
  name: "framing",
  about:
    `Decodes frames, and echoes them over TCP: 8 connections, 512 frames in flight.
The echo is for Linux only: CPU and memory of the server come from the kernel.`,
  options: {
    runtime: names(RUNTIMES),
    part: names(["decode", "echo"]),
    frames: integer("frames of a decoding round", 1_000_000, [1_000, 1e8]),
    rounds: rounds(5),
    seconds: seconds("how long one echo round is measured", 1, [0.05, 60]),
  },
};

await enter(suite, async (plan) => {
  const { part, frames, rounds } = plan;
  if (part.includes("echo")) requireLinux();
  installRivals();
  await compileFor(plan.runtime);
  if (plan.runtime.some(runsCompiled)) showRivalsToCompiled();
  const decode: DecodeRow[] = [];
  const echo: EchoRow[] = [];
  const runtimes = installed(plan.runtime);
  for (const runtime of runtimes) {
    if (part.includes("decode")) {
      decode.push(...await decodeOn(runtime, frames, rounds));
    }
    if (part.includes("echo")) {
      echo.push(...await echoOn(runtime, rounds, 1_000 * plan.seconds));
    }
    milestone(`${runtime.name}: done`);
  }
  const results: FramingResults = {
    ...heading("framing", runtimes.map(({ name }) => name)),
    decode,
    echo,
  };
  conclude(results, framingTables(results), plan.out);
});
