/**
 * `anysock conformance`: whether the promises hold on this very machine.
 *
 * @module
 */

import { existsSync, realpathSync } from "node:fs";
import process from "node:process";
import { currentRuntime } from "../../mod.ts";
import type { Command } from "../command.ts";
import type { OwnCount } from "../conformance/own.ts";
import { PUBLISHED } from "../conformance/published.ts";
import {
  difference,
  publishedRuntime,
} from "../conformance/published_table.ts";
import {
  BARE_WAYS,
  pipesOf,
  type Way,
  WAY_TITLES,
} from "../conformance/way.ts";
import { type Cell, checkWay } from "../conformance/way_laws.ts";
import { EXIT_FAILED, EXIT_OK, UsageError } from "../exit.ts";
import { type Io, line } from "../io.ts";
import type { Runner } from "../matrix/processes.ts";
import { type Paint, paintFor } from "../paint.ts";
import { VERSION } from "../version.ts";

/** Milliseconds until a law counts as hung, here where nothing else runs. */
const WATCHDOG_MS = 4_000;

/** The command. */
export const conformance: Command = {
  name: "conformance",
  takes: "",
  words: [0, 0],
  summary: "whether all promises hold on this runtime and machine",
  about: `
Checks the promises of connections over this library's sockets, and then the
library's own laws, which are some 370 more; all over the loopback interface,
within a minute. Says what does not hold, and what differs from the published
table. With --bare the runtime's own sockets are checked, too, as documented and
as people write it, in processes of their own. The exit code is 1 if one of ours
does not hold.`,
  options: {
    bare: { help: "the runtime's own sockets, too" },
    law: { value: "TEXT", help: "only those with this in their names" },
    json: { help: "for programs" },
  },
  examples: [
    ["anysock conformance", "on Node"],
    ["bunx --bun anysock conformance --bare", "on Bun, beside Bun.connect"],
    ["anysock conformance --law reset", "what is said of resets"],
  ],
  async run(given, io) {
    const text = given.text("law") ?? "";
    const here = thisPlace();
    const { pipeLaws } = await import("../../src/testing/mod.ts");
    const { checkOwnLaws } = await import("../conformance/own.ts");
    const numbers = [...pipeLaws.keys()]
      .filter((number) => pipeLaws[number]?.name.includes(text));
    const telling = given.flag("json") ? new Silence() : new Telling(io, here);
    const gaps = PUBLISHED.gaps[here.published] ?? {};
    await telling.begin();
    const ours = await ownColumn(numbers, here);
    await telling.column(ours);
    const own = await checkOwnLaws({
      wants: (law) => law.includes(text),
      gap: (law) => gaps[law],
    });
    await telling.own(own);
    const columns = [ours];
    if (given.flag("bare")) {
      const bare = await bareColumns(numbers, here);
      for (const column of bare) await telling.column(column);
      columns.push(...bare);
    }
    if (ours.cells.length + countOf(own) === 0) {
      throw new UsageError(`No law has ${JSON.stringify(text)} in its name`);
    }
    if (given.flag("json")) {
      await line(io.output, JSON.stringify({ ...here, columns, own }, null, 2));
    }
    const failed = ours.cells.filter(({ result }) => result === "fail").length +
      Object.keys(own.fail).length;
    return failed === 0 ? EXIT_OK : EXIT_FAILED;
  },
};

/** What is checked, and where. */
interface Place {
  readonly anysock: string;
  readonly runtime: string;
  readonly version: string;
  readonly system: string;
  /** The runtime of the published table that is compared with. */
  readonly published: string;
}

/** What became of the laws of pipes over one way. */
interface Column {
  readonly way: Way;
  readonly cells: readonly (Cell & { readonly differs?: string })[];
}

function thisPlace(): Place {
  const { deno, bun, node } = process.versions;
  const { name } = currentRuntime();
  const version = deno ?? bun ?? node;
  return {
    anysock: VERSION,
    runtime: name,
    version,
    system: `${process.platform} ${process.arch}`,
    published: publishedRuntime(name, version),
  };
}

async function ownColumn(
  numbers: readonly number[],
  place: Place,
): Promise<Column> {
  const { checkPipe, pipeLaws } = await import("../../src/testing/mod.ts");
  const laws = numbers.flatMap((number) => pipeLaws[number] ?? []);
  const cells: Cell[] = [];
  const make = await pipesOf("anysock");
  for await (const cell of checkPipe(make, { laws, watchdogMs: WATCHDOG_MS })) {
    cells.push(cell);
  }
  return compared("anysock", cells, place);
}

function bareColumns(
  numbers: readonly number[],
  place: Place,
): Promise<Column[]> {
  const ways = BARE_WAYS[place.runtime] ?? [];
  return Promise.all(ways.map(async (way) => {
    const cells = await checkWay(thisProgram(), way, numbers, WATCHDOG_MS);
    return compared(way, cells, place);
  }));
}

function compared(way: Way, cells: readonly Cell[], place: Place): Column {
  return {
    way,
    cells: cells.map((cell) => {
      const differs = difference(PUBLISHED, place.published, way, cell);
      return differs === undefined ? cell : { ...cell, differs };
    }),
  };
}

/** What starts this program once more. */
function thisProgram(): Runner {
  const program = process.argv[1]!;
  // What comes from a registry is an address, and no file.
  const script = existsSync(program) ? realpathSync(program) : program;
  const flags = "Deno" in globalThis ? ["run", "--allow-all", "--quiet"] : [];
  const { name } = currentRuntime();
  return { name, command: process.execPath, args: [...flags, script] };
}

function countOf({ pass, fail, skip }: OwnCount): number {
  return pass + Object.keys(fail).length + Object.keys(skip).length;
}

/** Nothing is told before the end. */
class Silence {
  async begin(): Promise<void> {}
  async column(_column: Column): Promise<void> {}
  async own(_own: OwnCount): Promise<void> {}
}

/** Tells what was found, part by part. */
class Telling {
  readonly #io: Io;
  readonly #place: Place;
  readonly #paint: Paint;

  constructor(io: Io, place: Place) {
    this.#io = io;
    this.#place = place;
    this.#paint = paintFor(io, io.output);
  }

  begin(): Promise<void> {
    const { anysock, runtime, version, system } = this.#place;
    return this.#say(`anysock ${anysock} on ${runtime} ${version}, ${system}`);
  }

  async column({ way, cells }: Column): Promise<void> {
    if (cells.length === 0) return;
    const pass = cells.filter(({ result }) => result === "pass").length;
    await this.#head(WAY_TITLES[way], `${pass} of ${cells.length} promises`);
    for (const { law, result, reason, differs } of cells) {
      if (result === "pass" && differs === undefined) continue;
      await this.#found(law, result, reason);
      if (differs !== undefined) await this.#say(`       ${differs}`);
    }
  }

  async own(own: OwnCount): Promise<void> {
    const count = countOf(own);
    if (count === 0) return;
    const skipped = Object.keys(own.skip).length;
    const rest = skipped === 0 ? "" : `, ${skipped} not run`;
    await this.#head("its own laws", `${own.pass} of ${count} hold${rest}`);
    for (const [law, reason] of Object.entries(own.fail)) {
      await this.#found(law, "fail", reason);
    }
    for (const [law, reason] of Object.entries(own.skip)) {
      await this.#found(law, "skip", reason);
    }
  }

  #head(what: string, count: string): Promise<void> {
    return this.#say(`\n${this.#paint.bold(what.padEnd(30))}  ${count}`);
  }

  #found(
    law: string,
    result: Cell["result"],
    reason: string | undefined,
  ): Promise<void> {
    const { green, red, yellow } = this.#paint;
    const mark = result === "pass"
      ? green("yes")
      : result === "fail"
      ? red("NO ")
      : yellow(" - ");
    // Some reasons begin with the law's name.
    const why = reason === undefined || reason.startsWith(law)
      ? reason ?? law
      : `${law}: ${reason}`;
    return this.#say(`  ${mark}  ${why}`);
  }

  #say(text: string): Promise<void> {
    return line(this.#io.output, text);
  }
}
