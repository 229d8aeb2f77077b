/**
 * The workers of the hosts' built-in modules.
 *
 * @module
 */

import type { WorkerHost } from "../../seam/workers.ts";
import { builtin } from "../builtins.ts";
import { quirks } from "../quirks.ts";
import { parentOfProcess, spawnProcess } from "./processes.ts";
import { parentOfThread, spawnThread } from "./threads.ts";

/** The members of `node:os` that are used. */
interface System {
  availableParallelism(): number;
}

const HOST: WorkerHost = {
  processors: () => builtin<System>("node:os").availableParallelism(),
  sharesListeners: () => quirks().ignoresReusePort,
  spawn: (kind, module, sink) =>
    kind === "thread" ? spawnThread(module, sink) : spawnProcess(module, sink),
  parent: () => parentOfThread() ?? parentOfProcess(),
};

/** Nothing is loaded until it is asked. */
export function nodeWorkers(): WorkerHost {
  return HOST;
}
