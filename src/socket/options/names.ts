/**
 * What options are called, and their refusals, which say so.
 *
 * @module
 */

import { show } from "../../address.ts";
import { constantsByName } from "../../constant_names.ts";
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

/** Found once: walking all names costs tens of microseconds. */
let labels: ReadonlyMap<string, string> | undefined;

function allLabels(): ReadonlyMap<string, string> {
  const numbers = constantsByName();
  const names = Object.keys(numbers);
  return new Map(
    LEVELS.flatMap(([level, prefix]) =>
      names.filter((name) => name.startsWith(prefix))
        .map((name) => [`${numbers[level]}/${numbers[name]}`, name] as const)
    ),
  );
}

/** An option by its numbers. */
export interface OptionKey {
  /** Such as `SOL_SOCKET`. */
  readonly level: number;
  /** Such as `SO_RCVBUF`; `undefined` on a platform that has it not. */
  readonly name: number | undefined;
}

/** Such as `"SO_RCVBUF"`, or `"option 9999 of level 1"`. */
export function optionLabel({ level, name }: OptionKey): string {
  labels ??= allLabels();
  return labels.get(`${level}/${name}`) ?? `option ${name} of level ${level}`;
}

/**
 * A level and a name, checked; `undefined` stands for a constant that this
 * platform does not have.
 *
 * @throws {TypeError} if one of them is no integer.
 * @throws {RangeError} if one is no C `int`: cut to 32 bits it would be another.
 */
export function toKey(level: number, name: number | undefined): OptionKey {
  checkConstant(level, "level");
  if (name !== undefined) checkConstant(name, "name");
  return { level, name };
}

function checkConstant(value: unknown, what: "level" | "name"): void {
  if (!Number.isInteger(value)) {
    throw new TypeError(
      `The ${what} of an option is an integer: ${show(value)}`,
    );
  }
  if (value === (value as number) >> 0) return;
  throw new RangeError(`The ${what} of an option is a C int: ${value}`);
}

/** The text by which an option is found in maps. */
export function keyText({ level, name }: OptionKey): string {
  return `${level}/${name}`;
}

/** The Fault `ENOPROTOOPT` of an option. */
export function refusalOf(key: OptionKey, reason: string): Fault {
  const text = `${optionLabel(key)}: ${reason}`;
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
export function named<T>(key: OptionKey, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, cause } = error;
    const why = error.reason ?? strerror(errno[code] ?? 0).toLowerCase();
    throw new Fault(code, cause, `${optionLabel(key)}: ${why}`);
  }
}
