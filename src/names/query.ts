/**
 * How the name services ask: one question with its deadline and signal, and
 * the errors that it ends with.
 *
 * @module
 */

import type { WaitOptions } from "../contracts.ts";
import { FOREVER, settleWithin, toWait, WAIT_OPTIONS } from "../deadline.ts";
import type { SocketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import type { ResolvedHost, SystemFile } from "../runtime/seam/names.ts";
import { plannedFault } from "../runtime/seam/planned_faults.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import { errorOfFault } from "../runtime/seam/error_mapping.ts";
import { Fault, lateFault } from "../runtime/seam/fault.ts";

/**
 * Options of every look-up. By default it waits for ever; `timeoutMs: 0`
 * answers only what needs no look-up. A look-up that is cut short goes on in
 * the system, where it cannot be cancelled; nobody hears of its answer.
 */
export interface NameOptions extends WaitOptions {
  /** What looks up; default: the current runtime. */
  readonly runtime?: Runtime;
}

/** The options of every look-up. */
export const NAME_OPTIONS: readonly string[] = [...WAIT_OPTIONS, "runtime"];

/** Makes the error of a `Fault` for a call. */
export type MakeError = (fault: Fault, op: string, about: string) => Error;

/** A question to the name services. */
export interface Question<T> {
  /** The function's name. */
  readonly op: string;
  /** What it asks about, for the error text. */
  readonly about: string;
  /** Finds the answer. */
  readonly work: (query: Query) => Promise<T>;
  /** The errors that it ends with; default `GaiError`. */
  readonly makeError?: MakeError;
  /** The names of its options; default: those of every look-up. */
  readonly known?: readonly string[];
}

/** The answer, unless a deadline or a signal comes first. */
export async function ask<T>(
  options: NameOptions,
  question: Question<T>,
): Promise<T> {
  const { op, about, work, makeError = gaiError, known = NAME_OPTIONS } =
    question;
  const wait = toWait(options, FOREVER, known);
  wait.signal?.throwIfAborted();
  const runtime = chosenRuntime(options.runtime);
  const query = new Query(runtime, wait.timeoutMs !== 0);
  try {
    const planned = plannedFault(op, runtime);
    if (planned !== undefined) throw planned;
    // With 0 nothing waits: each look-up has failed already.
    const timeoutMs = wait.timeoutMs || null;
    const expired = () => lateFault(op, timeoutMs);
    return await settleWithin(
      work(query),
      runtime.clock,
      { ...wait, timeoutMs },
      expired,
    );
  } catch (error) {
    throw error instanceof Fault ? makeError(error, op, about) : error;
  } finally {
    query.end();
  }
}

/** Everything that can be looked up, as long as the question stands. */
export class Query {
  readonly #runtime: Runtime;
  readonly #mayWait: boolean;
  #isOver = false;

  /** A question to a runtime; each look-up fails if it may not wait. */
  constructor(runtime: Runtime, mayWait: boolean) {
    this.#runtime = runtime;
    this.#mayWait = mayWait;
  }

  /** Starts no further look-up. */
  end(): void {
    this.#isOver = true;
  }

  /** The addresses of a name, in `getaddrinfo`'s order. */
  lookup(name: string, family: 0 | 4 | 6): Promise<readonly ResolvedHost[]> {
    this.#check();
    return this.#runtime.lookup(name, family);
  }

  /** The name of a numeric address; see `NameService.reverse`. */
  reverse(address: string, port: number): Promise<string> {
    this.#check();
    return this.#runtime.names.reverse(address, port);
  }

  /** What a name is a DNS alias of. */
  alias(name: string): Promise<string | undefined> {
    this.#check();
    return this.#runtime.names.alias(name);
  }

  /** Whether `alias` may be asked with no question to the user. */
  mayAskServers(): boolean {
    return this.#runtime.names.mayAskServers();
  }

  /** The text of a system's file; `undefined` if it cannot be read. */
  file(name: SystemFile): Promise<string | undefined> {
    this.#check();
    return this.#runtime.names.readSystemFile(name);
  }

  /** This host's name. */
  hostname(): string {
    return this.#runtime.names.hostname();
  }

  /** This host's addresses. */
  addresses(): readonly ResolvedHost[] {
    return this.#runtime.names.addresses();
  }

  #check(): void {
    if (this.#isOver) throw new Fault("ECANCELED");
    if (!this.#mayWait) throw new Fault("EAGAIN");
  }
}

/** A `GaiError`, or what belongs to the code. */
function gaiError(fault: Fault, op: string, about: string): SocketError {
  return errorOfFault(fault, { op, about });
}

/** The codes of `h_errno` in the place of those of `getaddrinfo`. */
const H_CODES: Readonly<Record<string, string>> = {
  EAI_ADDRFAMILY: "NO_DATA",
  EAI_AGAIN: "TRY_AGAIN",
  EAI_FAIL: "NO_RECOVERY",
  EAI_NODATA: "NO_DATA",
  EAI_NONAME: "HOST_NOT_FOUND",
};

/** An `HError`, or what belongs to the code. */
export function hError(fault: Fault, op: string, about: string): SocketError {
  const { code, cause, reason } = fault;
  return gaiError(new Fault(H_CODES[code] ?? code, cause, reason), op, about);
}
