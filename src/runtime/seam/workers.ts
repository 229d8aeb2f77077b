/**
 * The seam for what a server asks of workers: threads of the process, and
 * processes of their own.
 *
 * @module
 */

/** What a worker is. */
export type WorkerKind = "thread" | "process";

/** Told of what a worker does. */
export interface WorkerSink {
  /** It sent something. */
  message(message: unknown): void;
  /** It threw what nobody there caught; its end follows. */
  failed(error: unknown): void;
  /** It is gone. Told once, and last. */
  exited(exitCode: number | undefined): void;
}

/** A worker, as whoever started it holds it. */
export interface RawWorker {
  /**
   * Whether `terminate` ends it whatever it does. A thread of Deno that never
   * comes back to its event loop goes on, and only seems to be gone.
   */
  readonly endsForSure: boolean;
  /** Sends it a copy of a message; what it does not get any more is lost. */
  post(message: unknown): void;
  /** Ends it at once, whatever it does. */
  terminate(): void;
  /** Whether it keeps the process alive, as it does at first. */
  ref(flag: boolean): void;
}

/** What a worker has of whoever started it. */
export interface WorkerParent {
  /** Sends a copy of a message. */
  post(message: unknown): void;
  /** Says who is told of messages, and that the parent is no more. */
  attach(message: (message: unknown) => void, gone: () => void): void;
  /** Lets the worker end as soon as nothing else keeps it alive. */
  leave(): void;
  /** Ends the worker at once, which has lost its parent. */
  exit(): void;
}

/** What a host has of workers. */
export interface WorkerHost {
  /** How many processors there are for the process. */
  processors(): number;
  /**
   * Whether processes that are started here share a listener of one address
   * without `SO_REUSEPORT`: those of `node:cluster`.
   */
  sharesListeners(): boolean;
  /** Starts a module in a worker; throws a Fault where it cannot. */
  spawn(kind: WorkerKind, module: URL, sink: WorkerSink): RawWorker;
  /** Of a worker, whoever started it. */
  parent(): WorkerParent | undefined;
}
