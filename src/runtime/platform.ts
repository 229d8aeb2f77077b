/**
 * Which operating system this is, and the numbers and texts that C has there.
 * A leaf: ground may import it.
 *
 * @module
 */

import {
  type Constants,
  darwinConstants,
  darwinErrno,
  linuxConstants,
  linuxErrno,
  texts,
  win32Constants,
  win32Errno,
} from "./platform_tables.ts";

/** The systems whose numbers are known. */
export type PlatformName = "linux" | "darwin" | "win32";

/** The part of the runtimes' globals that tells the system and the version. */
interface Host {
  readonly Bun?: { readonly version: string };
  readonly Deno?: { readonly build: { readonly os: string } };
  readonly process?: { readonly platform: string };
}

let name: PlatformName | undefined;

/**
 * The system that the program runs on. One that is not known, such as
 * FreeBSD, counts as Linux, whose numbers most of them share in part.
 */
export function platformName(): PlatformName {
  return name ??= known(hostName());
}

function hostName(): string | undefined {
  // dnt-shim-ignore
  const host = globalThis as Host;
  // Asked first: on Deno merely touching `process` costs 12 ms.
  return host.Deno?.build.os ?? host.process?.platform;
}

/**
 * Whether an immediate that another one made runs in the next turn of the
 * event loop. Before Bun 1.2.5 it waits for the next timer or event, however
 * long that takes.
 */
export function chainsImmediates(): boolean {
  // dnt-shim-ignore
  const version = (globalThis as Host).Bun?.version ?? "";
  return !/^1\.2\.[0-4]\b/.test(version);
}

/**
 * Whether a short array of its own is cheaper than a view of a longer one: Bun's
 * engine keeps such arrays in its heap, and a list of all views. It takes Deno
 * 20 times as long as a view, Node twice.
 */
export function copiesShortArrays(): boolean {
  // dnt-shim-ignore
  return (globalThis as Host).Bun !== undefined;
}

function known(host: string | undefined): PlatformName {
  if (host === "darwin") return "darwin";
  return host === "windows" || host === "win32" ? "win32" : "linux";
}

const ERRNO = { linux: linuxErrno, darwin: darwinErrno, win32: win32Errno };
const CONSTANTS = {
  linux: linuxConstants,
  darwin: darwinConstants,
  win32: win32Constants,
};

let errnos: Readonly<Record<string, number>> | undefined;
let constants: Constants | undefined;
let allTexts: Readonly<Record<string, string>> | undefined;

/** This platform's `E…` names and their positive numbers. */
export function errnoTable(): Readonly<Record<string, number>> {
  return errnos ??= ERRNO[platformName()]();
}

/** This platform's constants; what it lacks is missing. */
export function constantTable(): Constants {
  return constants ??= CONSTANTS[platformName()]();
}

/**
 * The number of an error's name: of an `E…`, an `EAI_…`, or one of
 * `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`; `undefined` for any
 * other name.
 */
export function errorNumber(name: string): number | undefined {
  const number = errnoTable()[name];
  if (number !== undefined || !(name in textTable())) return number;
  return constantTable()[name as keyof Constants];
}

/**
 * What C says to an error's name, such as `"Connection refused"`. It is the
 * text of Linux everywhere, so that the same failure reads the same. A name
 * that C does not have is its own text.
 */
export function errnoText(name: string): string {
  return textTable()[name] ?? name;
}

function textTable(): Readonly<Record<string, string>> {
  return allTexts ??= texts();
}

/** The name of this platform's error number; `undefined` if it has none. */
export function errnoName(number: number): string | undefined {
  const table = errnoTable();
  return Object.keys(table).find((each) => table[each] === number);
}
