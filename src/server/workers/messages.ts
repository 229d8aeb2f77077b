/**
 * What a server and its workers tell one another.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import type { SignalName } from "../../runtime/seam/host.ts";
import type { DescriptorPlan } from "../limits.ts";
import type { ServeOptions } from "../options.ts";
import type { StopReport } from "../server.ts";
import type { ServerStats } from "../stats.ts";
import type { SentError } from "./sent_error.ts";

/** What a worker is to do. */
export interface Orders {
  /** The module of the handler. */
  readonly module: string;
  /** What its `setup` is given. */
  readonly data: unknown;
  /** Where it listens. */
  readonly address: Address | HostAndPort;
  /** How it serves. */
  readonly options: ServeOptions;
  /** How many connections it may have, and let wait. */
  readonly room: DescriptorPlan;
  /** Whether `SO_REUSEPORT` shares the port. */
  readonly reusePort: boolean;
  /** Whether failures are sent; else they are written to its console. */
  readonly sendsErrors: boolean;
  /** Signals that are for the parent alone, though they reach a process. */
  readonly ignores: readonly SignalName[];
}

/** What a worker is told. */
export type ToWorker =
  | { readonly type: "start"; readonly orders: Orders }
  | { readonly type: "stop"; readonly graceMs: number }
  | { readonly type: "ping" };

/** What a worker tells. */
export type FromWorker =
  /** It hears. */
  | { readonly type: "ready" }
  /** It listens. */
  | { readonly type: "up"; readonly address: Address }
  /** It cannot, and ends. */
  | { readonly type: "failed"; readonly error: SentError }
  | { readonly type: "pong" }
  | { readonly type: "stats"; readonly stats: ServerStats }
  /** Something has failed, as `onError` is told. */
  | { readonly type: "error"; readonly error: SentError }
  /** A handler stops the server. */
  | { readonly type: "stop"; readonly graceMs: number | undefined }
  /** It has stopped, and ends. */
  | {
    readonly type: "stopped";
    readonly report: StopReport;
    readonly stats: ServerStats;
  };
