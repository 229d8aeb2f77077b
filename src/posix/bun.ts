/**
 * The C library through `bun:ffi`.
 *
 * @module
 */

import { builtin } from "../runtime/node/builtins.ts";
import {
  type CFunctions,
  intIn,
  type Libc,
  libcOf,
  translate,
} from "./libc.ts";

/** The members of `bun:ffi` that are used. */
interface Ffi {
  dlopen(library: string, symbols: object): { readonly symbols: CFunctions };
  toArrayBuffer(address: unknown, offset: number, length: number): ArrayBuffer;
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
  const symbols = translate(WORDS, (args, returns) => ({ args, returns }));
  const { dlopen, toArrayBuffer } = builtin<Ffi>("bun:ffi");
  return libcOf(
    dlopen(library, symbols).symbols,
    (address) => intIn(toArrayBuffer(address, 0, 4)),
  );
}
