/**
 * The descriptor of a socket.
 *
 * @module
 */

import { socketError } from "../errors.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";

/** What may have a descriptor. */
export interface DescriptorHolder {
  /** The descriptor, where the runtime tells it. */
  readonly fd: number | undefined;
}

/**
 * The descriptor of what a socket has become, if it has yet; `before` says what
 * that takes.
 *
 * @throws {SocketError} `EOPNOTSUPP`, with the reason, if it cannot be told.
 */
export function filenoOf(
  holder: DescriptorHolder | undefined,
  runtime: Runtime,
  before: string,
): number {
  const told = holder?.fd;
  if (told !== undefined) return told;
  const reason = whyUnknown(holder, runtime, before);
  throw socketError("EOPNOTSUPP", { op: "fileno", reason });
}

function whyUnknown(
  holder: DescriptorHolder | undefined,
  { supports }: Runtime,
  before: string,
): string {
  if (holder === undefined) {
    return `there is no descriptor before ${before}`;
  }
  return typeof supports.fileno === "string"
    ? supports.fileno
    : "this runtime keeps this one to itself";
}
