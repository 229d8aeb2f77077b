/** The kinds of options that a suite takes, and how each is checked. */

/** One option: what help says of it, and how its text becomes a value. */
export interface Option<T> {
  /** What stands for the value in the help, such as `N`. */
  readonly placeholder: string;
  /** What it means; the help adds the fallback. */
  readonly about: string;
  /** The text that is read if none is given. */
  readonly fallback: string;
  /** What stands for the fallback in the help; default: the text itself. */
  readonly fallbackName?: string;
  /**
   * Reads a text.
   *
   * @throws {RangeError} with the option's name and the text
   */
  readonly read: (name: string, text: string) => T;
}

/** The least and the greatest value of a number, both allowed. */
export type Bounds = readonly [least: number, greatest: number];

/** Some of `all`, given as a list with commas; in the order of `all`. */
export function names<T extends string>(all: readonly T[]): Option<T[]> {
  return {
    placeholder: "NAMES",
    about: all.join(","),
    fallback: all.join(","),
    fallbackName: "all",
    read(name, text) {
      const given = text.split(",");
      const unknown = given.find((each) => !all.includes(each as T));
      if (unknown === undefined) {
        return all.filter((each) => given.includes(each));
      }
      throw new RangeError(
        `${name}: there is no ${JSON.stringify(unknown)}; ` +
          `there is ${all.join(", ")}`,
      );
    },
  };
}

/** A whole number. */
export function integer(
  about: string,
  fallback: number,
  bounds: Bounds,
): Option<number> {
  return {
    placeholder: "N",
    about,
    fallback: `${fallback}`,
    read: (name, text) => within(name, text, bounds, Number.isSafeInteger),
  };
}

/** Whole numbers, given as a list with commas; in the order given. */
export function integers(
  about: string,
  fallback: readonly number[],
  bounds: Bounds,
): Option<number[]> {
  const { read } = integer(about, 0, bounds);
  return {
    placeholder: "LIST",
    about,
    fallback: fallback.join(","),
    read: (name, text) => text.split(",").map((each) => read(name, each)),
  };
}

/** A time in seconds, fractions allowed. */
export function seconds(
  about: string,
  fallback: number,
  bounds: Bounds,
): Option<number> {
  return {
    placeholder: "S",
    about,
    fallback: `${fallback}`,
    read: (name, text) => within(name, text, bounds, Number.isFinite),
  };
}

/** How often each contestant is measured: all suites count rounds alike. */
export function rounds(fallback: number): Option<number> {
  const about = "how often each is measured, interleaved";
  return integer(about, fallback, [1, 1_000]);
}

function within(
  name: string,
  text: string,
  [least, greatest]: Bounds,
  isKind: (value: number) => boolean,
): number {
  // Number() takes an empty text for 0.
  const value = text.trim() === "" ? NaN : Number(text);
  if (isKind(value) && value >= least && value <= greatest) return value;
  const kind = isKind === Number.isSafeInteger ? "a whole number" : "a number";
  throw new RangeError(
    `${name} is ${kind} from ${least} to ${greatest}, ` +
      `not ${JSON.stringify(text)}`,
  );
}
