/**
 * One runtime's part of a run: its shards as they begin and end, and what they
 * come to together.
 *
 * @module
 */

import { OLDEST } from "../../tests/runtimes.ts";
import { type Counts, sumOf } from "./counts.ts";
import type { Suite } from "./plan.ts";
import { type Finished, inWords } from "./report.ts";
import { runShard, type ShardResult } from "./run_shard.ts";
import type { Screen } from "./screen.ts";
import type { Shard } from "./shards.ts";
import type { Spent } from "./times.ts";
import { Transcript } from "./transcript.ts";

/** A suite that waits, runs, or is over. */
export class SuiteRun {
  readonly #suite: Suite;
  readonly #screen: Screen;
  /** Who says what is printed, where several may. */
  readonly #who: string | undefined;
  readonly #showsAll: boolean;
  readonly #transcripts: Transcript[] = [];
  readonly #results: ShardResult[] = [];
  #filesLeft: number;

  /** Shows lines on a screen that it shares with others, or has alone. */
  constructor(
    suite: Suite,
    screen: Screen,
    { isAlone, showsAll }: { isAlone: boolean; showsAll: boolean },
  ) {
    this.#suite = suite;
    this.#screen = screen;
    this.#who = isAlone ? undefined : suite.runtime;
    this.#showsAll = showsAll;
    this.#filesLeft = suite.files.length;
  }

  /** Runs some of its files; several shards may run at a time. */
  async run(shard: Shard, isQuick: boolean): Promise<void> {
    const { runtime, files } = this.#suite;
    if (this.#transcripts.length === 0) {
      this.#screen.print(`=== ${runtime}: ${files.length} files`);
    }
    const print = (line: string): void => this.#screen.print(line, this.#who);
    const transcript = new Transcript(runtime, print, this.#showsAll);
    this.#transcripts.push(transcript);
    // Each law once over memory and once over TCP is what the oldest promise.
    const once = isQuick || OLDEST.includes(runtime);
    this.#results.push(await runShard(shard, transcript, once));
    this.#filesLeft -= shard.files.length;
    if (this.#filesLeft > 0) return;
    this.#screen.print(`=== ${runtime}: ${inWords(this.#counts())}`);
  }

  /** How far it is, in words. */
  toString(): string {
    const { runtime } = this.#suite;
    if (this.#transcripts.length === 0) return `${runtime} waits`;
    const { passed, failed } = sumOf(this.#transcripts.map((t) => t.soFar));
    const bad = failed > 0 ? `, ${failed} failed` : "";
    const done = this.#filesLeft === 0 ? ", done" : "";
    return `${runtime} ${passed} passed${bad}${done}`;
  }

  /** What it has come to. */
  finished(): Finished {
    const failures = this.#results.map((each) => each.failures);
    const times = new Map<string, Spent>();
    for (const each of this.#results) {
      for (const [file, spent] of each.times) times.set(file, spent);
    }
    return {
      runtime: this.#suite.runtime,
      counts: this.#counts(),
      failures: failures.filter((text) => text !== "").join("\n\n"),
      seconds: this.#results.reduce((sum, { seconds }) => sum + seconds, 0),
      times,
      reasons: this.#reasons(),
    };
  }

  #counts(): Counts {
    return sumOf(this.#results.map(({ counts }) => counts));
  }

  #reasons(): Map<string, number> {
    const sum = new Map<string, number>();
    for (const { reasons } of this.#transcripts) {
      for (const [reason, count] of reasons) {
        sum.set(reason, (sum.get(reason) ?? 0) + count);
      }
    }
    return sum;
  }
}
