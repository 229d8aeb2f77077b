/**
 * How a simulation fails.
 *
 * @module
 */

import type { Run } from "./run.ts";

/**
 * A run failed: the scenario or a host's `main` rejected, a check did not hold,
 * nothing could happen any more, or a limit was reached. `cause` says which.
 */
export class SimulationFailed extends Error {
  /** The class's own name. */
  override readonly name = "SimulationFailed";
  /** The run, with all that came before. */
  readonly run: Run<never>;

  /** Made by `simulate` and `explore`. */
  constructor(message: string, run: Run<never>, cause: unknown) {
    super(message, { cause });
    this.run = run;
  }
}

/** Nothing can happen any more; the message says what every host waits for. */
export class SimulationStuck extends Error {
  /** The class's own name. */
  override readonly name = "SimulationStuck";
}

/** Two runs of the same seed differ; the message has the first difference. */
export class NotDeterministic extends Error {
  /** The class's own name. */
  override readonly name = "NotDeterministic";
}
