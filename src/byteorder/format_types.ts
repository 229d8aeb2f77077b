/**
 * The types of what a format packs and unpacks, read from the format literal.
 * Types only.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";

/** One value of a format: what `unpack` gives. */
export type StructValue = number | bigint | boolean | Bytes;

/** One value of a format as `pack` takes it; text is packed as UTF-8. */
export type StructInput = number | bigint | boolean | Uint8Array | string;

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type Space = " " | "\n" | "\t" | "\r" | "\f" | "\v";

/** The type of one value by its character. */
interface Values {
  b: number;
  B: number;
  h: number;
  H: number;
  i: number;
  I: number;
  l: number;
  L: number;
  e: number;
  f: number;
  d: number;
  q: bigint;
  Q: bigint;
  "?": boolean;
  c: Bytes;
}

/** `N` times `T`; an array where the count is no plain number below 100. */
type Repeat<T, N extends string> = N extends "" ? [T]
  : N extends Digit | `${Exclude<Digit, "0">}${Digit}` ? Times<T, N, []>
  : T[];

type Times<T, N extends string, Out extends T[]> = `${Out["length"]}` extends N
  ? Out
  : Times<T, N, [...Out, T]>;

type Scan<S extends string, N extends string, Out extends StructValue[]> =
  S extends `${infer C}${infer Rest}`
    ? C extends Digit ? Scan<Rest, `${N}${C}`, Out>
    : C extends Space | "x" ? Scan<Rest, "", Out>
    : C extends "s" | "p" ? Scan<Rest, "", [...Out, Bytes]>
    : C extends keyof Values ? Scan<Rest, "", [...Out, ...Repeat<Values[C], N>]>
    : never
    : Out;

/**
 * The tuple that a format unpacks to: `Unpacked<"!HB4s">` is
 * `[number, number, Bytes]`. `never` for a literal that is no format; an array
 * of all kinds for a string that is known at run time only.
 */
export type Unpacked<Format extends string> = string extends Format
  ? StructValue[]
  : Format extends `${"<" | ">" | "!" | "="}${infer Rest}` ? Scan<Rest, "", []>
  : never;

/** The values that a format packs: as unpacked, with text allowed for bytes. */
export type Packable<Format extends string> = string extends Format
  ? StructInput[]
  : Inputs<Unpacked<Format>>;

type Inputs<Values extends StructValue[]> = {
  [K in keyof Values]: Values[K] extends Bytes ? Uint8Array | string
    : Values[K];
};
