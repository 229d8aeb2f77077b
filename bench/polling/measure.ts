/** The processes of one number of registered sockets, round by round. */

import type { RuntimeName } from "../../tests/runtimes.ts";
import { type Child, start, startOn } from "../lib/children.ts";
import { needed, reasonToSkip } from "../lib/runtimes.ts";
import type { PollingRow, Round } from "./results.ts";

const LINE_TIMEOUT_MS = 60_000;

/** So many sockets on one runtime; where they cannot be, it does nothing. */
export interface Contestant {
  /** What was found so far. */
  readonly row: PollingRow;
  /** Plays a round that does not count. */
  warmUp(): Promise<void>;
  /** Plays a round. */
  play(): Promise<void>;
  /** Ends its processes. */
  stop(): Promise<void>;
}

/** Starts a process with so many registered sockets, their peers in another. */
export async function startContestant(
  runtime: RuntimeName,
  registered: number,
  selects: number,
): Promise<Contestant> {
  const skipped = reasonToSkip(runtime, registered);
  if (skipped !== undefined) return skip(runtime, registered, skipped);
  const rounds: Round[] = [];
  const peers = start(process.execPath, ["bench/polling/peers.ts"]);
  let subject: Child | undefined;
  const stop = async () => {
    await Promise.all([subject?.kill(), peers.kill()]);
  };
  const round = async (): Promise<Round> => {
    subject!.say("round");
    return JSON.parse(await subject!.nextLine(LINE_TIMEOUT_MS)) as Round;
  };
  try {
    const port = await ready(peers);
    const args = [port, registered, selects];
    subject = startOn(needed(runtime), "bench/polling/subject.ts", args);
    await ready(subject);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    row: { runtime, registered, rounds },
    warmUp: async () => void await round(),
    play: async () => void rounds.push(await round()),
    stop,
  };
}

function skip(
  runtime: RuntimeName,
  registered: number,
  skipped: string,
): Contestant {
  const nothing = () => Promise.resolve();
  const row = { runtime, registered, rounds: [], skipped };
  return { row, warmUp: nothing, play: nothing, stop: nothing };
}

/** The second word of a line such as `ready 50007`. */
async function ready(child: Child): Promise<string> {
  const line = await child.nextLine(LINE_TIMEOUT_MS);
  const [first, value] = line.split(" ");
  if (first === "ready" && value !== undefined) return value;
  throw new Error(`A strange line: ${line}`);
}
