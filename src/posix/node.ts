/**
 * The C library through `node:ffi`, which Node has had since version 26.
 *
 * @module
 */

import { Fault } from "../runtime/seam/fault.ts";
import {
  type CFunctions,
  intIn,
  type Libc,
  libcOf,
  translate,
} from "./libc.ts";

/** The part of `process` that is used. */
interface Process {
  readonly versions: { readonly node?: string };
  getBuiltinModule(id: "node:ffi"): FfiModule | undefined;
}

/** The members of `node:ffi` that are used. */
interface FfiModule {
  dlopen(
    library: string,
    symbols: object,
  ): { readonly functions: CFunctions };
  toArrayBuffer(address: unknown, length: number, copy: boolean): ArrayBuffer;
}

const WORDS = {
  buffer: "buffer",
  i32: "i32",
  pointer: "pointer",
  size: "u64",
  u32: "u32",
} as const;

/**
 * Opens it. Throws a Fault `EOPNOTSUPP` where there is no `node:ffi`, `EPERM`
 * where it is not permitted.
 */
export function openInNode(library: string): Libc {
  // dnt-shim-ignore
  const { process } = globalThis as unknown as { process?: Process };
  const ffi = process?.getBuiltinModule?.("node:ffi");
  if (ffi === undefined) {
    const reason = `Node ${process?.versions.node} has no node:ffi: ` +
      `use Node 26, or Bun, or Deno`;
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }
  const symbols = translate(
    WORDS,
    (parameters, result) => ({ arguments: parameters, return: result }),
  );
  try {
    return libcOf(
      ffi.dlopen(library, symbols).functions,
      (address) => intIn(ffi.toArrayBuffer(address, 4, false)),
    );
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "ERR_ACCESS_DENIED") throw error;
    throw new Fault("EPERM", error, "Node was not given --allow-ffi");
  }
}
