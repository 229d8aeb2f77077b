/**
 * The descriptor of a stream socket.
 *
 * @module
 */

import { socketError } from "../../errors.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";

/** What may have a descriptor: a connection or a listener. */
export interface DescriptorHolder {
  /** The descriptor, where the runtime tells it. */
  readonly fd: number | undefined;
}

/**
 * The descriptor of a connection or listener, if there is one yet.
 *
 * @throws {SocketError} `EOPNOTSUPP`, with the reason, if it cannot be told.
 */
export function filenoOf(
  holder: DescriptorHolder | undefined,
  runtime: Runtime,
): number {
  const told = holder?.fd;
  if (told !== undefined) return told;
  const reason = whyUnknown(holder, runtime);
  throw socketError("EOPNOTSUPP", { op: "fileno", reason });
}

function whyUnknown(
  holder: DescriptorHolder | undefined,
  { supports }: Runtime,
): string {
  if (holder === undefined) {
    return "there is no descriptor before connect or listen";
  }
  return typeof supports.fileno === "string"
    ? supports.fileno
    : "this runtime keeps this one to itself";
}
