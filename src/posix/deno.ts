/**
 * The C library through `Deno.dlopen`.
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

/** The members of the `Deno` namespace that are used. */
interface DenoNamespace {
  readonly UnsafePointerView: {
    getArrayBuffer(address: unknown, length: number): ArrayBuffer;
  };
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
    const { symbols: functions } = Deno.dlopen(library, symbols);
    return libcOf(functions, (address) => mapInt(Deno, functions, address));
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error;
    const reason = "Deno was not given --allow-ffi";
    throw new Fault("EPERM", error, reason);
  }
}

/**
 * A grant for one library's path alone does not cover memory: there C copies
 * the four bytes, into memory that is there before.
 */
function mapInt(
  { UnsafePointerView }: DenoNamespace,
  { memcpy }: CFunctions,
  address: unknown,
): () => number {
  try {
    return intIn(UnsafePointerView.getArrayBuffer(address, 4));
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error;
    const memory = new Int32Array(1);
    const bytes = new Uint8Array(memory.buffer);
    return () => {
      memcpy!(bytes, address, 4n);
      return memory[0]!;
    };
  }
}
