/**
 * Lets a call of the library fail, for the branch that no network reaches.
 *
 * @module
 */

import { show } from "../address.ts";
import { ambient } from "../ambient.ts";
import { errno } from "../constants.ts";
import { checkOptions } from "../deadline.ts";
import { currentRuntime } from "../runtime/detect.ts";
import { planFault } from "../runtime/seam/planned_faults.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import { type Undo, undoOf } from "../simulation/rule_book.ts";

/** A call that can be made to fail, by the name of its method. */
export type FailingOp =
  | "accept"
  | "bind"
  | "connect"
  | "getAddrInfo"
  | "getNameInfo"
  | "listen"
  | "recv"
  | "recvExactly"
  | "recvFrom"
  | "recvFromInto"
  | "recvInto"
  | "recvMsg"
  | "recvUntil"
  | "send"
  | "sendAll"
  | "sendFile"
  | "sendMany"
  | "sendTo"
  | "shutdown"
  | "startTls"
  | "tryAccept"
  | "tryRecv"
  | "tryRecvFrom"
  | "tryRecvInto"
  | "trySend";

const OPS: readonly FailingOp[] = [
  "accept",
  "bind",
  "connect",
  "getAddrInfo",
  "getNameInfo",
  "listen",
  "recv",
  "recvExactly",
  "recvFrom",
  "recvFromInto",
  "recvInto",
  "recvMsg",
  "recvUntil",
  "send",
  "sendAll",
  "sendFile",
  "sendMany",
  "sendTo",
  "shutdown",
  "startTls",
  "tryAccept",
  "tryRecv",
  "tryRecvFrom",
  "tryRecvInto",
  "trySend",
];

/** Whose calls fail, and how many. */
export interface FailNextOptions {
  /** A host of a simulation; default the one that runs the code at hand. */
  readonly host?: { readonly runtime: Runtime };
  /** The runtime, where it is no simulation. */
  readonly runtime?: Runtime;
  /** How many calls; default 1. */
  readonly times?: number;
}

/**
 * The next call of this name fails with a code, and does nothing else: the
 * network is not touched, and the socket is as it was. Inside a simulation, or
 * of the sockets of a runtime that is given: nothing is said to the process at
 * large. Gives what takes it back, also by `using`.
 *
 * @throws {TypeError} if no call has this name, or it is not said whose.
 * @throws {RangeError} if there is no such code, or `times` is no number of
 *   calls.
 *
 * @example
 * ```ts
 * import { connect } from "@anysock/anysock";
 * import { failNext, memoryNetwork } from "@anysock/anysock/testing";
 *
 * const runtime = memoryNetwork();
 * failNext("connect", "EMFILE", { runtime });
 * await connect("127.0.0.1:7", { runtime }).catch((error) => {
 *   console.log(error.code); // EMFILE
 * });
 * ```
 */
export function failNext(
  op: FailingOp,
  code: string,
  options: FailNextOptions = {},
): Undo {
  checkOptions(options, ["host", "runtime", "times"]);
  if (!OPS.includes(op)) {
    throw new TypeError(`No call is named ${show(op)}: ${OPS.join(", ")}`);
  }
  if (errno[code] === undefined && !/^EAI_[A-Z]+$/.test(code)) {
    throw new RangeError(`There is no code ${show(code)}`);
  }
  const { times = 1 } = options;
  if (!Number.isSafeInteger(times) || times < 1) {
    throw new RangeError(`times is a number of calls: ${show(times)}`);
  }
  return undoOf(planFault(whose(options), op, { code, left: times }));
}

function whose({ host, runtime }: FailNextOptions): Runtime {
  const told = runtime ?? host?.runtime;
  if (told !== undefined) return told;
  if (ambient() !== undefined) return currentRuntime();
  throw new TypeError(
    "Whose call is to fail? Give a runtime or a host, or say it within one",
  );
}
