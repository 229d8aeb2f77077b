/** What is used of `jsr:@std/assert`, for where JSR cannot be reached. */

export function assert(expr: unknown, msg?: string): asserts expr;
export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any -- as it is there
  T extends abstract new (...args: any[]) => any,
>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T>;
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- as it is there
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- as it is there
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void;
