/**
 * `anysock doctor`: what this runtime can do here, and why not.
 *
 * @module
 */

import process from "node:process";
import { capabilities, currentRuntime, type Support } from "../../mod.ts";
import type { Command } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../exit.ts";
import { type Io, line } from "../io.ts";
import { paintFor } from "../paint.ts";
import { type Finding, PROBES } from "../probes.ts";
import { VERSION } from "../version.ts";

/** The command. */
export const doctor: Command = {
  name: "doctor",
  takes: "",
  words: [0, 0],
  summary: "what this runtime can and cannot do here, and why",
  about: `
Tries the sockets of this machine (each over the loopback interface, nothing
leaves it) and lists what the runtime can do, feature by feature, with the
reason where it cannot. The exit code is 1 if IPv4 or names do not work, without
which hardly anything does. On Deno it shows what the permissions given allow,
if it is run with --no-prompt.`,
  options: { json: { help: "for programs" } },
  examples: [
    ["anysock doctor", "on Node"],
    ["bunx --bun anysock doctor", "on Bun"],
    [
      "deno run --no-prompt --allow-net jsr:@anysock/anysock/cli doctor",
      "on Deno, with permission for the network alone",
    ],
  ],
  async run(given, io) {
    const findings: Finding[] = [];
    for (const probe of PROBES) findings.push(await probe());
    const about = {
      anysock: VERSION,
      runtime: runtimeName(),
      system: systemName(),
    };
    const supports = capabilities();
    if (given.flag("json")) {
      const all = { ...about, findings, supports };
      await line(io.output, JSON.stringify(all, null, 2));
    } else await show(about, findings, supports, io);
    const isWell = findings.every(({ isNeeded, ok }) => ok || !isNeeded);
    return isWell ? EXIT_OK : EXIT_FAILED;
  },
};

function runtimeName(): string {
  const { deno, bun, node } = process.versions;
  const version = deno ?? bun ?? node;
  return `${currentRuntime().name} ${version}`;
}

function systemName(): string {
  return `${process.platform} ${process.arch}`;
}

async function show(
  about: Readonly<Record<string, string>>,
  findings: readonly Finding[],
  supports: Readonly<Record<string, Support>>,
  io: Io,
): Promise<void> {
  const { bold, dim, green, red, yellow } = paintFor(io, io.output);
  const say = (text: string) => line(io.output, text);
  for (const [name, value] of Object.entries(about)) {
    await say(`${name.padEnd(8)} ${bold(value)}`);
  }
  await say(`\n${bold("Tried here")}`);
  for (const { what, ok, detail, isNeeded } of findings) {
    const mark = ok ? green("yes") : isNeeded ? red("NO ") : yellow("no ");
    await say(`  ${mark}  ${what.padEnd(22)} ${dim(detail)}`);
  }
  await say(`\n${bold("What the runtime can do")}`);
  for (const [feature, support] of Object.entries(supports).sort()) {
    const isText = typeof support === "string";
    const mark = isText ? yellow("no ") : green("yes");
    const detail = support === true ? "" : `: ${dim(`${support}`)}`;
    await say(`  ${mark}  ${feature}${detail}`);
  }
}
