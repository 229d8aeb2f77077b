/**
 * The process on Deno: what the built-in modules tell of it, with permissions
 * kept in mind. Nothing here may lead to a question.
 *
 * @module
 */

import { nodeProcess } from "../node/host.ts";
import type { Host } from "../seam/host.ts";
import { mayReadEverything } from "./names.ts";

/** Deno lets nobody read in `/proc` who may not do everything. */
const HOST: Host = {
  descriptorLimit: () =>
    mayReadEverything() ? nodeProcess().descriptorLimit() : undefined,
  openDescriptors: () =>
    mayReadEverything() ? nodeProcess().openDescriptors() : undefined,
  onSignal: (name, told) => nodeProcess().onSignal(name, told),
  diagnosticsChannel: (name) => nodeProcess().diagnosticsChannel(name),
};

/** The process. Nothing is loaded until it is asked. */
export function denoProcess(): Host {
  return HOST;
}
