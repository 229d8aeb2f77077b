/**
 * IEEE 754 half precision, which `DataView` does not know everywhere.
 *
 * @module
 */

/** The largest finite half-precision number. */
const LARGEST_HALF = 65_504;

/** Halfway from the largest number to what would be the next: rounds up. */
const FIRST_OVERFLOW = 65_520;

/**
 * The 16 bits of the nearest half-precision number, ties to even.
 *
 * @throws {RangeError} if a finite number rounds to infinity
 */
export function toHalfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size === Infinity) return sign | 0x7c00;
  if (size >= FIRST_OVERFLOW) {
    throw new RangeError(
      `${value} is out of range for e (at most ${LARGEST_HALF})`,
    );
  }
  // Below 2**-14 the step stays that of the smallest normal numbers. `log2` may
  // be off by one beside a power of two, where rounding makes up for it.
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // The hidden bit of a normal number carries into the exponent by itself, and
  // so does a mantissa that was rounded up to the next power of two.
  return sign | (((exponent + 14) << 10) + steps);
}

/** The number that 16 bits stand for. */
export function fromHalfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (mantissa + 1024) * 2 ** (exponent - 25);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
