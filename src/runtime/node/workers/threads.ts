/**
 * Threads of the process.
 *
 * @module
 */

import type {
  RawWorker,
  WorkerParent,
  WorkerSink,
} from "../../seam/workers.ts";
import { builtin } from "../builtins.ts";
import { quirks } from "../quirks.ts";

/** The members of a `Worker` that are used. */
interface Thread {
  on(event: "message", told: (message: unknown) => void): unknown;
  on(event: "error", told: (error: unknown) => void): unknown;
  on(event: "exit", told: (exitCode: number) => void): unknown;
  postMessage(message: unknown): void;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

/** The members of `parentPort` that are used. */
interface Port {
  on(event: "message", told: (message: unknown) => void): unknown;
  postMessage(message: unknown): void;
  unref(): void;
}

/** The members of `node:worker_threads` that are used. */
interface Threads {
  readonly Worker: new (module: URL) => Thread;
  readonly parentPort: Port | null;
}

function threads(): Threads {
  return builtin<Threads>("node:worker_threads");
}

/** Starts a module in a thread. */
export function spawnThread(module: URL, sink: WorkerSink): RawWorker {
  const thread = new (threads().Worker)(loadable(module));
  let isGone = false;
  thread.on("message", (message) => sink.message(message));
  thread.on("error", (error) => sink.failed(error));
  thread.on("exit", (exitCode) => {
    isGone = true;
    sink.exited(exitCode);
  });
  return {
    endsForSure: !quirks().leavesThreadsRunning,
    post: (message) => {
      if (!isGone) thread.postMessage(message);
    },
    terminate: () => void thread.terminate(),
    ref: (flag) => flag ? thread.ref() : thread.unref(),
  };
}

/** What a thread has of whoever started it. */
export function parentOfThread(): WorkerParent | undefined {
  const { parentPort: port } = threads();
  if (port === null) return undefined;
  return {
    post: (message) => port.postMessage(message),
    // A thread ends with its process: there is nobody to tell.
    attach: (message) => void port.on("message", message),
    leave: () => port.unref(),
    exit: () => port.unref(),
  };
}

/** Threads are made of files, and of what says where else to look. */
function loadable(module: URL): URL {
  if (module.protocol === "file:") return module;
  const text = `import ${JSON.stringify(module.href)};`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}
