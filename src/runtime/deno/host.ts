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
import { deno } from "./native.ts";

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
    return deno().env.get(name);
  },
  unsetVariable(name) {
    demandVariable(name);
    deno().env.delete(name);
  },
  onSignal: (name, told) => nodeProcess().onSignal(name, told),
  workers: nodeProcess().workers,
  diagnosticsChannel(name) {
    return isAskedFor(name)
      ? nodeProcess().diagnosticsChannel(name)
      : undefined;
  },
};

/**
 * Node's modules cost some 40 ms when first used: a server takes them, a
 * program that connects once must not, unless it says so.
 */
function isAskedFor(channel: string): boolean {
  return channel.startsWith("anysock:server:") || isDebugged();
}

let debugged: boolean | undefined;

function isDebugged(): boolean {
  const variable = "ANYSOCK_DEBUG";
  return debugged ??= isGranted({ name: "env", variable }) &&
    (deno().env.get(variable) ?? "") !== "";
}

function demandVariable(variable: string): void {
  if (isGranted({ name: "env", variable })) return;
  const reason = `it needs --allow-env=${variable}`;
  throw new Fault("EPERM", undefined, reason);
}

/** The process. Nothing is loaded until it is asked. */
export function denoProcess(): Host {
  return HOST;
}
