/**
 * Right objects with wrong members: how a saboteur gets between a caller and
 * what it calls.
 *
 * @module
 */

/** A right method, of whatever overload. */
export type Right<R = unknown> = (...args: Given) => R;

/** What a caller gave. */
export type Given = readonly unknown[];

/**
 * A wrong member. It is given the right method, its arguments and the object,
 * or the right value of a property, and does as it likes.
 */
type Wrong<T, M> = M extends (...args: never) => infer R
  ? (right: Right<R>, args: Given, self: T) => unknown
  : (right: M, args: Given, self: T) => unknown;

/** Wrong members, by the names of the right ones. */
export type Wrongs<T> = {
  readonly [K in keyof T]?: Wrong<T, NonNullable<T[K]>>;
};

type AnyWrong = (right: unknown, args: Given, self: unknown) => unknown;

/** An object that does as `target` does, but for some members. */
export function broken<T extends object>(
  target: T,
  wrongs: Wrongs<T> | undefined,
): T {
  if (wrongs === undefined) return target;
  return new Proxy(target, {
    get(_target, key) {
      // Private fields are found in the target alone.
      const right: unknown = Reflect.get(target, key);
      const wrong = Reflect.get(wrongs, key) as AnyWrong | undefined;
      if (typeof right === "function") {
        const bound = right.bind(target);
        if (wrong === undefined) return bound;
        return (...args: unknown[]) => wrong(bound, args, target);
      }
      return wrong === undefined ? right : wrong(right, [], target);
    },
  });
}

/** An object that does as `target` does, and tells of every call. */
export function observed<T extends object>(target: T, called: () => void): T {
  return new Proxy(target, {
    get(_target, key) {
      const right: unknown = Reflect.get(target, key);
      if (typeof right !== "function") return right;
      return (...args: unknown[]) => {
        called();
        return Reflect.apply(right, target, args);
      };
    },
  });
}

/**
 * Breaks members of an object where it stands, for all who use it: of a class's
 * prototype for all instances. Gives what mends it.
 */
export function breakInPlace<T extends object>(
  target: T,
  wrongs: Wrongs<T> = {},
): () => void {
  const mends = Reflect.ownKeys(wrongs).map((key) => {
    const wrong = Reflect.get(wrongs, key) as AnyWrong;
    return replace(target, key, wrongly(descriptorOf(target, key), wrong));
  });
  return () => {
    for (const mend of mends.reverse()) mend();
  };
}

/** Puts a property in the place of another. Gives what puts it back. */
export function replace(
  target: object,
  key: PropertyKey,
  property: PropertyDescriptor,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, { ...property, configurable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, key);
    else Object.defineProperty(target, key, own);
  };
}

function descriptorOf(target: object, key: PropertyKey): PropertyDescriptor {
  let holder: object | null = target;
  while (holder !== null) {
    const found = Object.getOwnPropertyDescriptor(holder, key);
    if (found !== undefined) return found;
    holder = Object.getPrototypeOf(holder);
  }
  throw new TypeError(`There is no ${String(key)} to break`);
}

function wrongly(
  { value, get }: PropertyDescriptor,
  wrong: AnyWrong,
): PropertyDescriptor {
  if (get !== undefined) {
    return {
      get(this: unknown) {
        return wrong(get.call(this), [], this);
      },
    };
  }
  return {
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      const right = (...given: unknown[]) => Reflect.apply(value, this, given);
      return wrong(right, args, this);
    },
  };
}
