/**
 * The C library through `bun:ffi`.
 *
 * @module
 */

import {
  type CFunctions,
  intIn,
  type Libc,
  libcOf,
  translate,
} from "./libc.ts";

/** The part of `process` that is used. */
interface Process {
  getBuiltinModule(id: "bun:ffi"): {
    dlopen(library: string, symbols: object): { readonly symbols: CFunctions };
    toArrayBuffer(
      address: unknown,
      offset: number,
      length: number,
    ): ArrayBuffer;
  };
}

const WORDS = {
  buffer: "ptr",
  i32: "i32",
  pointer: "ptr",
  size: "u64",
  u32: "u32",
} as const;

/** Opens it. */
export function openInBun(library: string): Libc {
  // dnt-shim-ignore
  const { process } = globalThis as unknown as { process: Process };
  const symbols = translate(WORDS, (args, returns) => ({ args, returns }));
  const { dlopen, toArrayBuffer } = process.getBuiltinModule("bun:ffi");
  return libcOf(
    dlopen(library, symbols).symbols,
    (address) => intIn(toArrayBuffer(address, 0, 4)),
  );
}
