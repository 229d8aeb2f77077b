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

/**
 * The tuple that a format unpacks to: `Unpacked<"!HB4s">` is
 * `[number, number, Bytes]`. `never` for a literal that is no format; an array
 * of all kinds for a string that is known at run time only.
 */
export type Unpacked<Format extends string> = string extends Format
  ? StructValue[]
  : Format extends `${"<" | ">" | "!" | "="}${infer Rest}`
    ? FormatValues<Rest, "", []>
  : never;

/** The values that a format packs: as unpacked, with text allowed for bytes. */
export type Packable<Format extends string> = string extends Format
  ? StructInput[]
  : FormatInputs<Unpacked<Format>>;

/**
 * The values of a format behind its byte order, read character by character:
 * `Count` are the digits in front. Use {@linkcode Unpacked}.
 */
export type FormatValues<
  Format extends string,
  Count extends string,
  Out extends StructValue[],
> = Format extends `${infer C}${infer Rest}`
  ? C extends "x" | " " | "\n" | "\t" | "\r" | "\f" | "\v"
    ? FormatValues<Rest, "", Out>
  : C extends `${number}` ? FormatValues<Rest, `${Count}${C}`, Out>
  : C extends "s" | "p" ? FormatValues<Rest, "", [...Out, Bytes]>
  : C extends "b" | "B" | "h" | "H" | "i" | "I" | "l" | "L" | "e" | "f" | "d"
    ? FormatValues<Rest, "", [...Out, ...FormatRepeat<number, Count, []>]>
  : C extends "q" | "Q"
    ? FormatValues<Rest, "", [...Out, ...FormatRepeat<bigint, Count, []>]>
  : C extends "?"
    ? FormatValues<Rest, "", [...Out, ...FormatRepeat<boolean, Count, []>]>
  : C extends "c"
    ? FormatValues<Rest, "", [...Out, ...FormatRepeat<Bytes, Count, []>]>
  : never
  : Out;

/** `Count` times `T`; an array where the count is no plain number below 100. */
export type FormatRepeat<T, Count extends string, Out extends T[]> =
  Count extends "" ? [T]
    : `${Out["length"]}` extends Count ? Out
    : Out["length"] extends 99 ? T[]
    : FormatRepeat<T, Count, [...Out, T]>;

/** The values that may be packed for those unpacked: {@linkcode Packable}. */
export type FormatInputs<Values extends StructValue[]> = {
  [K in keyof Values]: Values[K] extends Bytes ? Uint8Array | string
    : Values[K];
};
