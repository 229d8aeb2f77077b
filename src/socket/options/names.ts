/**
 * What options are called, and their refusals, which say so.
 *
 * @module
 */

import { show } from "../../address.ts";
import * as constants from "../../constants.ts";
import { errno, strerror } from "../../constants.ts";
import { Fault } from "../../runtime/seam/fault.ts";

/** The levels, and how the names of their options begin. */
const LEVELS: readonly (readonly [name: string, prefix: string])[] = [
  ["SOL_SOCKET", "SO_"],
  ["IPPROTO_IP", "IP_"],
  ["IPPROTO_TCP", "TCP_"],
  ["IPPROTO_UDP", "UDP_"],
  ["IPPROTO_IPV6", "IPV6_"],
];

/** Found once: walking a module's names costs tens of microseconds. */
let labels: ReadonlyMap<string, string> | undefined;

function allLabels(): ReadonlyMap<string, string> {
  const numbers: Readonly<Record<string, unknown>> = constants;
  const names = Object.keys(numbers);
  return new Map(LEVELS.flatMap(([level, prefix]) => [
    [`${numbers[level]}`, level] as const,
    ...names.filter((name) => name.startsWith(prefix))
      .map((name) => [`${numbers[level]}/${numbers[name]}`, name] as const),
  ]));
}

/** Such as `"SO_RCVBUF"`, or `"option 99 of level SOL_SOCKET"`. */
export function optionLabel(level: number, name: number): string {
  labels ??= allLabels();
  return labels.get(`${level}/${name}`) ??
    `option ${name} of level ${labels.get(`${level}`) ?? level}`;
}

/**
 * A level or name as C takes it; `undefined` stands for a constant that this
 * platform does not have.
 *
 * @throws {TypeError} if it is no integer.
 */
function checkConstant(value: unknown, what: "level" | "name"): void {
  if (value === undefined || Number.isInteger(value)) return;
  throw new TypeError(`The ${what} of an option is an integer: ${show(value)}`);
}

/** An option by its numbers. */
export interface OptionKey {
  /** Such as `SOL_SOCKET`. */
  readonly level: number;
  /** Such as `SO_RCVBUF`. */
  readonly name: number;
}

/**
 * A level and a name, checked.
 *
 * @throws {TypeError} if they are no integers.
 * @throws {Fault} `ENOPROTOOPT` if this platform does not have one of them.
 */
export function toKey(level: number, name: number | undefined): OptionKey {
  checkConstant(level, "level");
  checkConstant(name, "name");
  if (level === undefined || name === undefined) {
    const reason = "this platform has no such option";
    throw new Fault("ENOPROTOOPT", undefined, reason);
  }
  return { level, name };
}

/** The Fault `ENOPROTOOPT` of an option. */
export function refusalOf({ level, name }: OptionKey, reason: string): Fault {
  const text = `${optionLabel(level, name)}: ${reason}`;
  return new Fault("ENOPROTOOPT", undefined, text);
}

/** Why an option was refused by `act`, its name in front; none if it was not. */
export function refusedBy(key: OptionKey, act: () => void): Fault | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "ENOPROTOOPT") throw error;
    return refusalOf(key, error.reason ?? "the protocol has no such option");
  }
}

/** What `act` gives; a Fault says which option it is about. */
export function named<T>({ level, name }: OptionKey, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, cause } = error;
    const why = error.reason ?? strerror(errno[code] ?? 0).toLowerCase();
    throw new Fault(code, cause, `${optionLabel(level, name)}: ${why}`);
  }
}
