/** The few numbers that a benchmark tells: medians and their spread. */

/** The middle value; the mean of the middle two of an even count. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("The median of nothing");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/** The distance of the farthest value from the median, as a part of it. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return Math.max(...values.map((each) => Math.abs(each - middle))) / middle;
}

/** A number with about three significant digits and thousands separated. */
export function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-GB", {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  });
}
