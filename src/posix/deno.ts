/**
 * The C library through `Deno.dlopen`.
 *
 * @module
 */

import { Fault } from "../runtime/seam/fault.ts";
import { type CFunctions, type Libc, libcOf, translate } from "./libc.ts";

/** The members of the `Deno` namespace that are used. */
interface DenoNamespace {
  dlopen(library: string, symbols: object): { readonly symbols: CFunctions };
}

const WORDS = {
  buffer: "buffer",
  i32: "i32",
  pointer: "pointer",
  size: "usize",
  u32: "u32",
} as const;

/** Opens it. Throws a Fault `EPERM` without the permission. */
export function openInDeno(library: string): Libc {
  // dnt-shim-ignore
  const { Deno } = globalThis as unknown as { Deno: DenoNamespace };
  const symbols = translate(
    WORDS,
    (parameters, result) => ({ parameters, result }),
  );
  try {
    return libcOf(Deno.dlopen(library, symbols).symbols, 4n);
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error;
    const reason = "Deno was not given --allow-ffi";
    throw new Fault("EPERM", error, reason);
  }
}
