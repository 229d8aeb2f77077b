/**
 * Where a length stands in a frame, and what it counts.
 *
 * @module
 */

import {
  checkCount,
  checkFlag,
  checkLimits,
  type FrameLimits,
  type Limits,
} from "../codec.ts";
import {
  type LengthField,
  lengthField,
  type LengthHeader,
} from "./length_field.ts";

/**
 * Where the length stands and what it counts:
 *
 * ```text
 * offset bytes | length field | the bytes that follow
 * ```
 *
 * So many bytes follow the field: the length, plus `adjustment`, minus the
 * field's own width if `includesHeader`.
 */
export interface LengthPrefixedOptions extends FrameLimits {
  /** How the length is written; default `"u32"`. */
  readonly header?: LengthHeader;
  /** Whether the low byte of the length comes first; default `false`. */
  readonly littleEndian?: boolean;
  /** Bytes in front of the length field; default 0. */
  readonly offset?: number;
  /** Is added to the length; may be negative; default 0. */
  readonly adjustment?: number;
  /** Whether the length counts its own field; default `false`. */
  readonly includesHeader?: boolean;
  /**
   * How many bytes of the frame's beginning are no part of the message; 0
   * keeps them all. The default is all up to the end of the length field.
   */
  readonly strip?: number;
}

/** The options of `lengthPrefixed`, checked, with all defaults filled in. */
export interface Layout {
  /** How the length is written. */
  readonly header: LengthHeader;
  /** Whether its low byte comes first. */
  readonly little: boolean;
  /** Bytes in front of it. */
  readonly offset: number;
  /** What is added to it. */
  readonly adjustment: number;
  /** Whether it counts itself. */
  readonly includesHeader: boolean;
  /** Bytes taken off the front; `undefined`: up to the end of the length. */
  readonly strip: number | undefined;
  /** Whether a frame is its length and so many bytes, and nothing else. */
  readonly isPlain: boolean;
  /** The bounds of a message. */
  readonly limits: Limits;
}

const LAYOUT_OPTIONS = [
  "header",
  "littleEndian",
  "offset",
  "adjustment",
  "includesHeader",
  "strip",
];

/** Checks the options and fills in the defaults. */
export function checkLayout(options: LengthPrefixedOptions): Layout {
  const limits = checkLimits(options, LAYOUT_OPTIONS);
  const { header = "u32", offset = 0, adjustment = 0, strip } = options;
  checkCount(offset, "offset", 0);
  checkCount(adjustment, "adjustment", Number.MIN_SAFE_INTEGER);
  if (strip !== undefined) checkCount(strip, "strip", 0);
  const little = checkFlag(options.littleEndian, "littleEndian");
  const field = lengthField(header, little);
  const includesHeader = checkFlag(options.includesHeader, "includesHeader");
  const maxLength = countable(limits.maxLength, field, {
    offset,
    shift: (includesHeader ? field.most : 0) - adjustment,
  });
  return {
    header,
    little,
    offset,
    adjustment,
    includesHeader,
    strip,
    isPlain: offset === 0 && adjustment === 0 && !includesHeader &&
      strip === undefined,
    limits: { ...limits, maxLength },
  };
}

/**
 * The limit, if JavaScript can count the longest frames that it allows, and
 * their lengths, exactly. Without a limit it is the largest such one: a length
 * beyond is too long. `shift` is what a length says more than follows it.
 */
function countable(
  maxLength: number,
  field: LengthField,
  { offset, shift }: { readonly offset: number; readonly shift: number },
): number {
  // What the field cannot say needs no limit.
  const saysAll = field.largest === Number.MAX_SAFE_INTEGER;
  const sayable = saysAll ? Infinity : field.largest - shift;
  const most = Math.min(
    Number.MAX_SAFE_INTEGER - offset - field.most,
    saysAll ? Number.MAX_SAFE_INTEGER - shift : Infinity,
  );
  const longest = Math.min(maxLength, sayable);
  const isUnlimited = longest === Infinity;
  if (most < 0 || (longest > most && !isUnlimited)) {
    throw new RangeError(
      `A frame of maxLength ${maxLength} would pass the safe integers`,
    );
  }
  return isUnlimited ? most : maxLength;
}
