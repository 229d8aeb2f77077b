/**
 * Listeners that outlive the process: somebody else has them, and hands them
 * over as descriptors (systemd calls it socket activation).
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import { SocketError, socketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import { toError } from "../runtime/seam/error_mapping.ts";
import type { Host } from "../runtime/seam/host.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import { listenerOfFd } from "../socket/from_fd.ts";
import type { Listener } from "../socket/listen.ts";

/** Options of {@linkcode activation}. */
export interface ActivationOptions {
  /**
   * Whether the variables are removed, so that no child of the process takes
   * them for its own; default `true`. A second call then finds nothing.
   */
  readonly unset?: boolean;
  /**
   * Whether `LISTEN_PID` may be missing or another process's, such as that of
   * the shell that has started this one; default `false`.
   */
  readonly anyPid?: boolean;
  /** What serves the sockets; default the current runtime. */
  readonly runtime?: Runtime;
}

/** A listener that was handed over. */
export interface ActivatedListener {
  /** `FileDescriptorName=` of the unit, or `"unknown"`. */
  readonly name: string;
  /** The listener, the program's own from now on. */
  readonly listener: Listener;
}

/** The first descriptor that is handed over; the others follow. */
const FIRST_FD = 3;

/** More than any process has: the kernel's own bound, unless it is raised. */
const MOST_FDS = 1_048_576;

const OP = "activation";
const VARIABLES = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] as const;
type Variable = typeof VARIABLES[number];

/**
 * The listeners that the process was started with, as `LISTEN_PID`,
 * `LISTEN_FDS` and `LISTEN_FDNAMES` say; none where it was started without. A
 * restart that hands such a listener on loses no connection, because the queue
 * of those who wait is never closed.
 *
 * On Deno this takes `--allow-env=LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES`, and
 * the listeners are those of its `node:net`: among strangers give `serve` a
 * `maxConnections` that the descriptors suffice for.
 *
 * @throws {SocketError} `EINVAL` if the variables make no sense or a descriptor
 *   does not listen (of one of TCP that is bound alone only `usePosix()` tells;
 *   see `fromFd`), `EBADF`, `ENOTSOCK`, and `EOPNOTSUPP` where the runtime
 *   adopts none; whatever was adopted is closed then.
 * @throws {PermissionError} `EPERM` on Deno without the permission.
 *
 * @example A server that systemd listens for, or that listens by itself
 * ```ts
 * import { activation, serve } from "@anysock/anysock/server";
 *
 * const [given] = await activation();
 * const server = await serve(
 *   given?.listener ?? "127.0.0.1:0",
 *   (connection) => connection.sendAll("hello\n"),
 *   { signals: ["SIGTERM"] },
 * );
 * await server.stop();
 * ```
 */
// deno-lint-ignore require-await -- misuse rejects, as in all async calls
export async function activation(
  options: ActivationOptions = {},
): Promise<ActivatedListener[]> {
  checkOptions(options, ["unset", "anyPid", "runtime"]);
  const { unset = true, anyPid = false } = options;
  for (const [name, value] of Object.entries({ unset, anyPid })) {
    if (typeof value === "boolean") continue;
    throw new TypeError(`${name} must be true or false: ${show(value)}`);
  }
  const runtime = chosenRuntime(options.runtime);
  const { host } = runtime;
  if (host === undefined) return [];
  const variables = read(host, unset);
  return adoptAll(namesIn(variables, host.pid, anyPid), runtime);
}

function read(
  host: Host,
  unset: boolean,
): Readonly<Record<Variable, string | undefined>> {
  try {
    const [LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES] = VARIABLES
      .map((name) => host.variable(name));
    if (unset) { for (const name of VARIABLES) host.unsetVariable(name); }
    return { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES };
  } catch (error) {
    throw toError(error, { op: OP });
  }
}

/** The names of the descriptors that are meant for this process. */
function namesIn(
  { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }: ReturnType<typeof read>,
  pid: number,
  anyPid: boolean,
): readonly string[] {
  if (LISTEN_FDS === undefined) return [];
  if (!anyPid && LISTEN_PID === undefined) return [];
  if (!anyPid && toCount("LISTEN_PID", LISTEN_PID) !== pid) return [];
  const count = toCount("LISTEN_FDS", LISTEN_FDS);
  if (count > MOST_FDS) throw nonsense(`LISTEN_FDS is too many: ${count}`);
  if (LISTEN_FDNAMES === undefined) return Array(count).fill("unknown");
  const names = LISTEN_FDNAMES.split(":");
  if (names.length === count) return names;
  throw nonsense(`LISTEN_FDNAMES has ${names.length} names for ${count}`);
}

function toCount(name: Variable, text = ""): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw nonsense(`${name} is no number: ${show(text)}`);
}

function nonsense(reason: string): SocketError {
  return socketError("EINVAL", { op: OP, reason });
}

function adoptAll(
  names: readonly string[],
  runtime: Runtime,
): ActivatedListener[] {
  const all: ActivatedListener[] = [];
  try {
    for (const [index, name] of names.entries()) {
      const fd = FIRST_FD + index;
      all.push({ name, listener: adopt(fd, name, runtime) });
    }
    return all;
  } catch (error) {
    for (const { listener } of all) void listener.close();
    throw error;
  }
}

function adopt(fd: number, name: string, runtime: Runtime): Listener {
  try {
    return listenerOfFd(OP, fd, runtime);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    const reason = `descriptor ${fd}, named ${show(name)}`;
    throw socketError(error.code, { op: OP, reason, cause: error });
  }
}
