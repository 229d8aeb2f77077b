/**
 * What laws are made of: small checks that say what they found. No test
 * framework is needed, so that the laws run in any.
 *
 * @module
 */

import { errno } from "../constants.ts";
import type { Bytes } from "../contracts.ts";
import { SocketError, socketError } from "../errors.ts";
import { show } from "../address.ts";
import { afterTurn } from "../turn.ts";

/** A law does not hold. */
export class LawBroken extends Error {
  /** The class's own name. */
  override readonly name = "LawBroken";
}

/** @throws {LawBroken} unless `condition` holds. */
export function ensure(condition: boolean, text: string): asserts condition {
  if (!condition) throw new LawBroken(text);
}

/** @throws {LawBroken} unless both are the same value (`Object.is`). */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (Object.is(actual, expected)) return;
  throw new LawBroken(
    `${what}: expected ${show(expected)}, got ${show(actual)}`,
  );
}

/** @throws {LawBroken} unless both say the same in JSON, keys in any order. */
export function alike(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [canonical(actual), canonical(expected)];
  if (got === wanted) return;
  throw new LawBroken(`${what}: expected ${wanted}, got ${got}`);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null) return inner;
    if (Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(byKey));
  }) ?? String(value);
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** @throws {LawBroken} unless the bytes are there and are this text in UTF-8. */
export function sameText(
  actual: Uint8Array | null | undefined,
  expected: string,
  what: string,
): void {
  ensure(actual instanceof Uint8Array, `${what}: no bytes but ${show(actual)}`);
  same(textOf(actual), expected, what);
}

/** The text of bytes in UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The pieces in one array. */
export function joined(pieces: readonly Uint8Array[]): Bytes {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What a promise rejects with. @throws {LawBroken} if it does not. */
export async function rejection(
  promise: PromiseLike<unknown>,
  what: string,
): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new LawBroken(`${what}: did not reject but gave ${show(value)}`);
}

/** A promise that is awaited later, or never where the law breaks before. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** What a call throws. @throws {LawBroken} if it does not. */
export function thrown(call: () => unknown, what: string): unknown {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  throw new LawBroken(`${what}: did not throw but gave ${show(value)}`);
}

/** What a call fails with, thrown or rejected as its kind demands. */
export async function failureOf(
  call: () => unknown,
  what: string,
): Promise<unknown> {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return error;
  }
  ensure(result instanceof Promise, `${what}: gave ${show(result)}`);
  return await rejection(result, what);
}

/**
 * Checks that an error is what the library makes of a code: its class, its
 * `code`, this platform's `errno`, and the method's name in `op`.
 *
 * @throws {LawBroken} if it is anything else.
 */
export function isSocketError(
  error: unknown,
  code: string,
  op: string,
  what: string,
): asserts error is SocketError {
  ensure(
    error instanceof SocketError,
    `${what}: expected ${code} of ${op}, got ${describe(error)}`,
  );
  const model = socketError(code, { op });
  same(error.code, code, `${what}: code of "${error.message}"`);
  same(error.op, op, `${what}: op`);
  same(error.constructor.name, model.constructor.name, `${what}: class`);
  same(error.name, model.name, `${what}: name`);
  same(error.errno, model.errno, `${what}: errno`);
  ensure(
    error.errno > 0 || errno[code] === undefined,
    `${what}: errno ${error.errno} of ${code}`,
  );
}

function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : show(error);
}

/** Checks that a promise rejects with the error of a code. */
export async function rejectsWith(
  promise: PromiseLike<unknown>,
  code: string,
  op: string,
  what: string = op,
): Promise<SocketError> {
  const error = await rejection(promise, what);
  isSocketError(error, code, op, what);
  return error;
}

/** Checks that a call throws the error of a code. */
export function throwsWith(
  call: () => unknown,
  code: string,
  op: string,
  what: string = op,
): void {
  isSocketError(thrown(call, what), code, op, what);
}

/**
 * Lets one turn of the event loop pass: its timers, which takes 1 ms, since
 * every runtime rounds shorter ones up to it, and then what waits for its end.
 * A timer alone may fire before that when the machine is busy.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => afterTurn(resolve), 1));
}

/** Asks again, turn by turn, until there is an answer; a watchdog bounds it. */
export async function until<T>(ask: () => T | undefined): Promise<T> {
  let answer = ask();
  while (answer === undefined) {
    await turn();
    answer = ask();
  }
  return answer;
}

/** Awaits some work for so long. @throws {LawBroken} if it takes longer. */
export async function bounded<T>(
  what: string,
  timeoutMs: number,
  work: Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bite = new Promise<never>((_, reject) => {
    const hung = new LawBroken(`${what}: no end within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(hung), timeoutMs);
  });
  try {
    return await Promise.race([work, bite]);
  } finally {
    clearTimeout(timer);
  }
}
