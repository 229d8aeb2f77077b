/**
 * Rejections inside a simulation that nobody handles.
 *
 * @module
 */

import { inside, type VirtualTime } from "./bubble.ts";

type Told = (reason: unknown, promise?: unknown) => void;

interface Process {
  on(name: "unhandledRejection", told: Told): void;
  off(name: "unhandledRejection", told: Told): void;
  listeners(name: "unhandledRejection"): readonly Told[];
}

interface RejectionEvent extends Event {
  readonly reason: unknown;
}

/** What listens for one run. */
export interface RejectionWatch {
  /** What nobody handled, once the run was over already. */
  readonly late: readonly unknown[];
  /** Ends it, once what is under way has been told. */
  end(): Promise<void>;
}

/** The platform's own. */
// dnt-shim-ignore
const { setTimeout } = globalThis;

/** After so many turns Bun was seen to have told. */
const BUN_TURNS = 2;

/** The runs, and what each was told too late. */
const kernels: Map<VirtualTime, unknown[]> = new Map();

// dnt-shim-ignore
const world = globalThis as unknown as {
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly process: Process;
  addEventListener(name: string, told: (event: RejectionEvent) => void): void;
  removeEventListener(
    name: string,
    told: (event: RejectionEvent) => void,
  ): void;
};

/** Fails this kernel's run with what nobody handles, until it is ended. */
export function watchRejections(kernel: VirtualTime): RejectionWatch {
  if (kernels.size === 0) listen();
  const late: unknown[] = [];
  kernels.set(kernel, late);
  const end = async () => {
    // Bun tells of them at the end of a turn, in which many events happen.
    // It may be the next turn, and it must not be told to another run.
    for (let i = 0; i < BUN_TURNS && world.Bun !== undefined; i++) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
    kernels.delete(kernel);
    if (kernels.size === 0) unlisten();
  };
  return { late, end };
}

/** Who listened before, a test runner perhaps: told of what is theirs. */
let others: readonly Told[] = [];

function listen(): void {
  if (world.Deno !== undefined) {
    return world.addEventListener("unhandledrejection", toldByEvent);
  }
  others = world.process.listeners("unhandledRejection");
  for (const other of others) world.process.off("unhandledRejection", other);
  world.process.on("unhandledRejection", told);
}

function unlisten(): void {
  if (world.Deno !== undefined) {
    return world.removeEventListener("unhandledrejection", toldByEvent);
  }
  world.process.off("unhandledRejection", told);
  for (const other of others) world.process.on("unhandledRejection", other);
  others = [];
}

/** Whose it is. Bun does not tell: there it is the one that runs, if one does. */
function owner(): VirtualTime | undefined {
  const part = inside();
  if (part !== undefined) return part.kernel;
  const [only] = kernels.keys();
  return world.Bun !== undefined && kernels.size === 1 ? only : undefined;
}

function told(reason: unknown, promise: unknown): void {
  const kernel = owner();
  if (kernel !== undefined) return failed(kernel, reason);
  for (const other of others) other(reason, promise);
  if (others.length > 0) return;
  // It is somebody else's: as if nobody listened here.
  if (world.process.listeners("unhandledRejection").length > 1) return;
  queueMicrotask(() => {
    throw reason;
  });
}

function toldByEvent(event: RejectionEvent): void {
  const kernel = owner();
  if (kernel === undefined) return;
  event.preventDefault();
  failed(kernel, event.reason);
}

function failed(kernel: VirtualTime, reason: unknown): void {
  if (kernel.isRunning) kernel.fail(reason);
  else kernels.get(kernel)?.push(reason);
}
