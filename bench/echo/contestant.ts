/** A server under test, from its first round to its row in the results. */

import type { RuntimeName } from "../../tests/runtimes.ts";
import { clearProgress } from "../lib/output.ts";
import type { Case } from "./cases.ts";
import type { Measurement } from "./load.ts";
import { startServer } from "../lib/server_under_load.ts";
import { measure, measureIdle } from "./measure.ts";
import type { Row } from "./results.ts";

/** What one server under one load showed, round by round. */
export class Contestant {
  readonly #runtime: RuntimeName;
  readonly #load: Case;
  readonly #name: Row["server"];
  readonly #script: string;
  readonly #rounds: Measurement[] = [];
  readonly #idle: number[] = [];
  #failure: string | undefined;

  /** Nothing is started before the first round. */
  constructor(
    runtime: RuntimeName,
    load: Case,
    name: Row["server"],
    script: string,
  ) {
    this.#runtime = runtime;
    this.#load = load;
    this.#name = name;
    this.#script = script;
  }

  /** Plays a round; where it fails, it says so and plays no more. */
  async play(seconds: number): Promise<void> {
    if (this.#failure) return;
    try {
      await this.#measure(seconds);
    } catch (error) {
      this.#failure = `FAILED: ${(error as Error).message.split("\n")[0]}`;
      process.exitCode = 1;
      clearProgress();
      console.error(`\n${this.#runtime} ${this.#load.name} ${this.#name}:`);
      console.error((error as Error).message);
    }
  }

  async #measure(seconds: number): Promise<void> {
    const load = this.#load;
    // Every round has a fresh process: what was freed stays resident, and one
    // process may be faster than the next by a fifth, round after round.
    const server = await startServer(this.#runtime, this.#script, load.mode);
    try {
      if (load.mode === "hold") {
        this.#idle.push(await measureIdle(server, load));
      } else this.#rounds.push(await measure(server, load, seconds));
    } finally {
      await server.child.kill();
    }
  }

  /** What was found, or why there is nothing. */
  row(missing: string | undefined): Row {
    const skipped = missing ?? this.#failure;
    return {
      runtime: this.#runtime,
      case: this.#load.name,
      server: this.#name,
      rounds: this.#rounds,
      bytesPerConnection: this.#idle,
      ...(skipped && { skipped }),
    };
  }
}
