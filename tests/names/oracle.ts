/**
 * Python's `socket` module, which hands its questions to C, as the judge of
 * ours.
 *
 * @module
 */

import assert from "node:assert/strict";
import { missing, runProgram } from "../strangers/programs.ts";

/** Why there is no judge here, or `false`. */
export const noOracle: string | false = process.platform === "linux"
  ? missing("python3")
  : "the judge is glibc, on Linux";

/** A function of Python's `socket` and its arguments. */
export type Call = readonly [name: string, ...args: unknown[]];

/** What it returned, or `{ error, errno }`. */
export type Verdict = unknown;

const SCRIPT = `
import json, socket, sys
def answer(name, args):
    try:
        args = [tuple(a) if isinstance(a, list) else a for a in args]
        return getattr(socket, name)(*args)
    except OSError as e:
        return {"error": type(e).__name__, "errno": e.errno}
print(json.dumps([answer(name, args) for name, *args in json.load(sys.stdin)]))
`;

/** Puts all calls to Python at once. */
export async function askPython(calls: readonly Call[]): Promise<Verdict[]> {
  const input = new TextEncoder().encode(JSON.stringify(calls));
  const { code, stdout, stderr } = await runProgram(
    ["python3", "-c", SCRIPT],
    input,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const verdicts = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(verdicts.length, calls.length);
  return verdicts;
}

/** Our answer in the form of Python's: its value, or its error. */
export async function outcome(
  work: () => unknown,
  shape: (value: never) => unknown = (value) => value,
): Promise<Verdict> {
  try {
    return shape(await work() as never);
  } catch (error) {
    const { name, errno } = error as { name: string; errno?: number };
    if (name === "GaiError") return { error: "gaierror", errno };
    if (name === "HError") return { error: "herror", errno };
    if (name === "SocketError") return { error: "OSError", errno: null };
    throw error;
  }
}
