/**
 * The process on Deno: what the built-in modules tell of it, with permissions
 * kept in mind. Nothing here may lead to a question.
 *
 * @module
 */

import { nodeProcess } from "../node/host.ts";
import type { Host } from "../seam/host.ts";
import { Fault } from "../seam/fault.ts";
import { isGranted, mayReadEverything } from "./names.ts";

/** Deno lets nobody read in `/proc` who may not do everything. */
const HOST: Host = {
  descriptorLimit: () =>
    mayReadEverything() ? nodeProcess().descriptorLimit() : undefined,
  openDescriptors: () =>
    mayReadEverything() ? nodeProcess().openDescriptors() : undefined,
  get pid() {
    return nodeProcess().pid;
  },
  variable(name) {
    demandVariable(name);
    return nodeProcess().variable(name);
  },
  unsetVariable(name) {
    demandVariable(name);
    nodeProcess().unsetVariable(name);
  },
  onSignal: (name, told) => nodeProcess().onSignal(name, told),
  workers: nodeProcess().workers,
  diagnosticsChannel: (name) => nodeProcess().diagnosticsChannel(name),
};

function demandVariable(variable: string): void {
  if (isGranted({ name: "env", variable })) return;
  const reason = `it needs --allow-env=${variable}`;
  throw new Fault("EPERM", undefined, reason);
}

/** The process. Nothing is loaded until it is asked. */
export function denoProcess(): Host {
  return HOST;
}
