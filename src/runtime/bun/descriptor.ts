/**
 * Descriptors that Bun is to take over.
 *
 * @module
 */

import { Fault } from "../runtime.ts";

/** The part of `process` that is used. */
interface Process {
  getBuiltinModule(id: "node:fs"): {
    fstatSync(fd: number): { isSocket(): boolean };
  };
}

/**
 * Throws a Fault unless the descriptor is a socket: Bun would say that nobody
 * listens.
 */
export function demandSocket(fd: number): void {
  // dnt-shim-ignore
  const { process } = globalThis as unknown as { process: Process };
  let isSocket: boolean;
  try {
    isSocket = process.getBuiltinModule("node:fs").fstatSync(fd).isSocket();
  } catch (error) {
    throw new Fault((error as { code?: string }).code ?? "EBADF", error);
  }
  if (!isSocket) throw new Fault("ENOTSOCK");
}
