/**
 * The path of a Unix listener, claimed. When a listener is closed, every
 * runtime removes the name that it was made under, whoever has it by then. So
 * it is made under a name beside its path, and moved there: the runtime then
 * finds nothing to remove, and the path goes by {@linkcode OwnPath}.
 *
 * @module
 */

import { MAX_UNIX_PATH_BYTES } from "../address.ts";
import type { Address, HostAndPort, UnixAddress } from "../contracts.ts";
import { absolute, type FileCalls, OwnPath } from "./own_path.ts";
import { platformName } from "./platform.ts";
import { Fault } from "./seam/fault.ts";

/** The end of a name such as `path.k3x9f2`, and how long it is. */
const RANDOM = /^[a-z\d]{1,6}$/;
const MARK_BYTES = 7;

/** A path that was free when a listener began to be made for it. */
export class PathClaim {
  /** What to make the listener at. */
  readonly made: UnixAddress;
  readonly #files: FileCalls;
  readonly #path: string;

  /** @throws {Fault} `EADDRINUSE` if anything is at the path. */
  constructor(files: FileCalls, path: string, name: string) {
    if (isThere(files, path)) throw new Fault("EADDRINUSE");
    this.made = { family: "unix", path: name };
    this.#files = files;
    this.#path = path;
  }

  /**
   * The listener is there: it gets its path.
   *
   * @throws {Fault} `EADDRINUSE` if anything has come to the path meanwhile.
   * @throws what the file system says otherwise.
   */
  take(): OwnPath {
    const placeholder = this.#hold();
    try {
      this.#files.rename(this.made.path, this.#path);
    } catch (error) {
      placeholder.remove();
      throw error;
    }
    return new OwnPath(this.#files, this.#path);
  }

  /** Moving would take the place of any file: so an empty one of ours is it. */
  #hold(): OwnPath {
    try {
      this.#files.create(this.#path);
    } catch (error) {
      const isTaken = isThere(this.#files, this.#path);
      throw isTaken ? new Fault("EADDRINUSE", error) : error;
    }
    return new OwnPath(this.#files, this.#path);
  }
}

/**
 * Claims the path of a listener to be. `undefined` if it has none, or if the
 * program may make no other name beside it: then the runtime removes it, as it
 * does, by its name.
 *
 * @param mayMakeAt whether the program may make a socket at an absolute path
 * @throws {Fault} `EADDRINUSE` if anything is at the path.
 */
export function claimPath(
  files: FileCalls,
  address: Address | HostAndPort,
  mayMakeAt: (path: string) => boolean,
): PathClaim | undefined {
  // Windows has pipes instead.
  if (!("path" in address) || platformName() === "win32") return undefined;
  const { path } = address;
  if (path.startsWith("\0")) return undefined;
  // The runtime is to refuse it, as it would not refuse the shorter name.
  if (bytesOf(path) > MAX_UNIX_PATH_BYTES) return undefined;
  const name = nameBeside(path);
  if (!mayMakeAt(absolute(files, name))) return undefined;
  return new PathClaim(files, path, name);
}

function isThere(files: FileCalls, path: string): boolean {
  try {
    files.lstat(path);
    return true;
  } catch {
    // What else is wrong with the path the kernel will say.
    return false;
  }
}

/** A name beside a path that nobody has, of at most 107 bytes. */
export function nameBeside(path: string): string {
  const random = Math.random().toString(36).slice(2, 8).padEnd(6, "0");
  const name = `${path}.${random}`;
  if (bytesOf(name) <= MAX_UNIX_PATH_BYTES || path.endsWith("/")) return name;
  const folder = folderOf(path);
  const short = random.slice(0, MAX_UNIX_PATH_BYTES - bytesOf(folder));
  return folder + short === path ? nameBeside(path) : folder + short;
}

/** Whether a name is one that a listener at a path may have been made under. */
export function isMadeFor(name: string, path: string): boolean {
  const stem = bytesOf(path) + MARK_BYTES > MAX_UNIX_PATH_BYTES
    ? folderOf(path)
    : `${path}.`;
  return name.startsWith(stem) && RANDOM.test(name.slice(stem.length));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
