/**
 * Processes with a channel to the one that starts them.
 *
 * @module
 */

import type {
  RawWorker,
  WorkerParent,
  WorkerSink,
} from "../../seam/workers.ts";
import { Fault } from "../../seam/fault.ts";
import { builtin } from "../builtins.ts";
import { nodeFault } from "../error_mapping.ts";
import { nodeHost } from "../native.ts";
import { quirks } from "../quirks.ts";

/** The members of a `ChildProcess` that are used. */
interface Child {
  on(event: "message", told: (message: unknown) => void): unknown;
  on(event: "error", told: (error: unknown) => void): unknown;
  on(event: "exit", told: (exitCode: number | null) => void): unknown;
  on(event: "disconnect", told: () => void): unknown;
  readonly connected: boolean;
  readonly channel?: Channel | null;
  readonly pid?: number;
  send: Send;
  kill(signal: "SIGKILL"): boolean;
  ref?(): void;
  unref?(): void;
}

/** The members of the channel that are used. */
interface Channel {
  // Bun's has none, and goes by its process.
  ref?(): void;
  unref?(): void;
}

/** Where a callback is given, no event tells that nobody hears. */
type Send = (
  message: unknown,
  handle: undefined,
  options: undefined,
  done: () => void,
) => boolean;

/** How processes are started. */
interface Settings {
  readonly exec?: string;
  readonly args?: readonly string[];
  readonly serialization?: "advanced" | "json";
}

/** The members of `node:child_process` that are used. */
interface ChildProcesses {
  fork(path: string, args: readonly string[], options: Settings): Child;
}

/** The members of `node:cluster` that are used. */
interface Cluster {
  readonly isPrimary: boolean;
  readonly settings: Settings;
  setupPrimary(settings: Settings): void;
  fork(): { readonly process: Child };
}

/** The members of `process` that are used. */
interface Process {
  readonly argv: readonly string[];
  readonly connected?: boolean;
  readonly ppid: number;
  readonly send?: Send;
  on(event: "message", told: (message: unknown) => void): unknown;
  on(event: "disconnect", told: () => void): unknown;
  disconnect(): void;
  exit(exitCode: number): never;
}

function current(): Process {
  // dnt-shim-ignore
  return (globalThis as unknown as { process: Process }).process;
}

/** Starts a module in a process; throws a Fault where it may not. */
export function spawnProcess(module: URL, sink: WorkerSink): RawWorker {
  const path = module.protocol === "file:"
    ? builtin<{ fileURLToPath(url: URL): string }>("node:url")
      .fileURLToPath(module)
    : module.href;
  try {
    return workerOf(startProcess(path), sink);
  } catch (error) {
    throw nodeFault(error);
  }
}

function startProcess(path: string): Child {
  if (quirks().ignoresReusePort) return forkInCluster(path);
  return builtin<ChildProcesses>("node:child_process")
    .fork(path, [], { serialization: "advanced" });
}

/** What a program has set up for a cluster of its own is left as it was. */
function forkInCluster(path: string): Child {
  const cluster = builtin<Cluster>("node:cluster");
  if (!cluster.isPrimary) {
    const reason = `${nodeHost().label}: a worker of a cluster has no workers`;
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }
  const { exec, args, serialization = "json" } = cluster.settings;
  cluster.setupPrimary({ exec: path, args: [], serialization: "advanced" });
  try {
    return cluster.fork().process;
  } finally {
    const { argv: [, main = "", ...rest] } = current();
    cluster.setupPrimary({
      exec: exec ?? main,
      args: args ?? rest,
      serialization,
    });
  }
}

function workerOf(child: Child, sink: WorkerSink): RawWorker {
  let isGone = false;
  let exitCode: number | null | undefined;
  // What it said last may come when it has ended already.
  const look = () => {
    if (isGone || exitCode === undefined || child.connected) return;
    isGone = true;
    sink.exited(exitCode ?? undefined);
  };
  child.on("message", (message) => sink.message(message));
  child.on("disconnect", look);
  child.on("exit", (code) => {
    exitCode = code;
    look();
  });
  child.on("error", (error) => {
    // What cannot be sent is no end: only what could not be started is.
    if (child.pid !== undefined) return;
    sink.failed(nodeFault(error));
    exitCode = null;
    look();
  });
  return {
    endsForSure: true,
    post: (message) => {
      if (child.connected) child.send(message, undefined, undefined, nothing);
    },
    terminate: () => void child.kill("SIGKILL"),
    ref: (flag) => {
      for (const each of [child, child.channel]) {
        if (flag) each?.ref?.();
        else each?.unref?.();
      }
    },
  };
}

/** What a process has of the one that started it, if there is a channel. */
export function parentOfProcess(): WorkerParent | undefined {
  const { send } = current();
  if (send === undefined) return undefined;
  return {
    post: (message) => {
      if (!current().connected) return;
      send.call(current(), message, undefined, undefined, nothing);
    },
    attach: (message, gone) => {
      current().on("message", message);
      onLostParent(gone);
    },
    leave: () => {
      if (current().connected) current().disconnect();
    },
    exit: () => current().exit(0),
  };
}

/** How often it is asked who the parent is, where nobody tells. */
const LOOK_MS = 500;

function onLostParent(gone: () => void): void {
  let isTold = false;
  const tell = () => {
    if (!isTold) gone();
    isTold = true;
  };
  current().on("disconnect", tell);
  if (!quirks().hidesLostParents) return;
  const { ppid } = current();
  const timer = setInterval(() => {
    if (current().ppid === ppid) return;
    clearInterval(timer);
    tell();
  }, LOOK_MS) as unknown as { unref(): void } & number;
  timer.unref();
}

function nothing(): void {}
