/**
 * The seam for what a server asks of the process that it runs in.
 *
 * @module
 */

import type { DiagnosticsChannel } from "../../diagnostics.ts";
import type { WorkerHost } from "./workers.ts";

export type { DiagnosticsChannel };

/** A signal that ends a server well. */
export type SignalName = "SIGTERM" | "SIGINT" | "SIGHUP";

/** What a server asks of the process that it runs in. */
export interface Host {
  /** How many descriptors the process may have, where that can be read. */
  descriptorLimit(): { readonly soft: number } | undefined;
  /** How many it has, where that can be read. */
  openDescriptors(): number | undefined;
  /** The number of the process. */
  readonly pid: number;
  /**
   * A variable of its environment; `undefined` if it is not set.
   *
   * @throws {Fault} `EPERM` where the program may not read it.
   */
  variable(name: string): string | undefined;
  /** Removes a variable, for the process and for its children. */
  unsetVariable(name: string): void;
  /** Calls `told` at each such signal, until what it gives is called. */
  onSignal(name: SignalName, told: () => void): () => void;
  /** A channel of `node:diagnostics_channel`, where there is one. */
  diagnosticsChannel(name: string): DiagnosticsChannel | undefined;
  /** Threads and processes that serve beside this one. */
  readonly workers: WorkerHost;
}
