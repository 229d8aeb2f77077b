/**
 * The few functions of the C library that are used, and how each runtime is
 * told about them.
 *
 * @module
 */

import { platformName } from "../runtime/platform.ts";

/** The functions of the C library. Those that can fail give −1 then. */
export interface Libc {
  /** `length` holds a `socklen_t`: room before, size after. */
  getsockopt(
    fd: number,
    level: number,
    name: number,
    out: Uint8Array,
    length: Uint8Array,
  ): number;
  /** Sets an option. */
  setsockopt(
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: number,
  ): number;
  /** The address of this end, as a `struct sockaddr`. */
  getsockname(fd: number, out: Uint8Array, length: Uint8Array): number;
  /** The address of the other end. */
  getpeername(fd: number, out: Uint8Array, length: Uint8Array): number;
  /** How many descriptors there may be. */
  getdtablesize(): number;
  /** Why the call just before failed. */
  errno(): number;
}

/** A type of C, in no runtime's words. `pointer` is what a function gave. */
export type CType = "buffer" | "i32" | "pointer" | "size" | "u32";

/** What a function of C takes and gives. */
export interface Signature {
  /** Its arguments. */
  readonly takes: readonly CType[];
  /** Its result. */
  readonly gives: CType;
}

/** The functions to be looked up, by name. */
function signatures(): Readonly<Record<string, Signature>> {
  const option: readonly CType[] = ["i32", "i32", "i32", "buffer"];
  const name: Signature = { takes: ["i32", "buffer", "buffer"], gives: "i32" };
  return {
    getsockopt: { takes: [...option, "buffer"], gives: "i32" },
    setsockopt: { takes: [...option, "u32"], gives: "i32" },
    getsockname: name,
    getpeername: name,
    getdtablesize: { takes: [], gives: "i32" },
    memcpy: { takes: ["buffer", "pointer", "size"], gives: "pointer" },
    [errnoSymbol()]: { takes: [], gives: "pointer" },
  };
}

/** The function that gives the address of `errno`. */
function errnoSymbol(): string {
  return platformName() === "darwin" ? "__error" : "__errno_location";
}

/** What the C library is called: glibc's, musl's, macOS's. */
export function libraryNames(): readonly string[] {
  return platformName() === "darwin"
    ? ["libSystem.B.dylib"]
    : ["libc.so.6", "libc.so"];
}

/** A signature in the words of one runtime. */
export function translate<T extends object>(
  words: Readonly<Record<CType, string>>,
  make: (takes: string[], gives: string) => T,
): Record<string, T> {
  const entries = Object.entries(signatures()).map(([name, each]) => {
    const takes = each.takes.map((type) => words[type]);
    return [name, make(takes, words[each.gives])] as const;
  });
  return Object.fromEntries(entries);
}

/** What a runtime gives for the names of {@linkcode signatures}. */
export type CFunctions = Readonly<
  Record<string, (...values: readonly unknown[]) => unknown>
>;

/** How a runtime reads the four bytes at an address, time and again. */
export type MapInt = (address: unknown) => () => number;

/**
 * The C library over a runtime's functions. `errno` is mapped once, for each
 * thread has its own, and read by a plain load: a call to fetch it may allocate,
 * and a garbage collection makes calls of the system that overwrite it.
 */
export function libcOf(functions: CFunctions, mapInt: MapInt): Libc {
  const f = functions as CFunctions & Omit<Libc, "errno">;
  return {
    getsockopt: (...values) => f.getsockopt(...values),
    setsockopt: (...values) => f.setsockopt(...values),
    getsockname: (...values) => f.getsockname(...values),
    getpeername: (...values) => f.getpeername(...values),
    getdtablesize: () => f.getdtablesize(),
    errno: mapInt(functions[errnoSymbol()]!()),
  };
}

/** Reads the `int` in mapped memory. */
export function intIn(memory: ArrayBuffer): () => number {
  const view = new Int32Array(memory);
  return () => view[0]!;
}
