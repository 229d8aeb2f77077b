/**
 * Programs that know nothing of this library, as peers in a test.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type ChildProcess, spawn } from "node:child_process";
import { environment, hasProgram } from "../runtimes.ts";

/** Why a test that needs this program is skipped here, or `false`. */
export function missing(program: string): string | false {
  return !hasProgram(program) && `${program} is not installed`;
}

/** Bytes that look like nothing in particular and are the same every time. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x2545f491;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** The SHA-256 of bytes, in hex. */
export function sha256(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Everything of a stream, and its SHA-256. */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ length: number; digest: string }> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { length, digest: hash.digest("hex") };
}

/** What a stranger said before it ended. */
export interface Ended {
  /** Its exit code, `null` if a signal ended it. */
  readonly code: number | null;
  /** Its standard output. */
  readonly stdout: Uint8Array;
  /** Its standard error. */
  readonly stderr: string;
}

/** A running stranger. */
export interface Stranger {
  /** Its process id. */
  readonly pid: number;
  /** Settles once it is gone and all its output is here. */
  readonly ended: Promise<Ended>;
  /** Waits until its standard error matches. */
  complained(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until its standard output matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Writes to its standard input. */
  say(text: string): void;
  /** Ends it, by its process id, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Runs `fn` while a program runs, and ends that program in any case. */
export async function withProgram<T>(
  command: readonly [name: string, ...args: string[]],
  fn: (stranger: Stranger) => Promise<T>,
  input?: Uint8Array,
): Promise<T> {
  const [name, ...args] = command;
  const child = spawn(name, args, { env: environment() });
  const stranger = watch(child);
  child.stdin.on("error", () => {}); // it may end without reading all
  if (input) child.stdin.end(input);
  try {
    return await fn(stranger);
  } finally {
    await stranger.stop("SIGKILL");
  }
}

/** Runs a program to its end. */
export function runProgram(
  command: readonly [name: string, ...args: string[]],
  input?: Uint8Array,
): Promise<Ended> {
  return withProgram(command, ({ ended }) => ended, input ?? new Uint8Array());
}

function watch(child: ChildProcess): Stranger {
  const output: Uint8Array[] = [];
  const texts = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  let over = false;
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.on("data", (chunk: Uint8Array) => {
      if (name === "stdout") output.push(chunk);
      texts[name] += new TextDecoder("latin1").decode(chunk);
      waiting.forEach((check) => check());
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      over = true;
      waiting.forEach((check) => check());
      resolve({ code, stdout: Buffer.concat(output), stderr: texts.stderr });
    });
  });
  const saw = (where: "stdout" | "stderr", pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const check = (): void => {
        const match = pattern.exec(texts[where]);
        if (!match && !over) return;
        waiting.delete(check);
        if (match) resolve(match);
        else reject(new Error(`No ${pattern} in: ${texts.stderr}`));
      };
      waiting.add(check);
      check();
    });
  return {
    pid: child.pid ?? 0,
    ended,
    complained: (pattern) => saw("stderr", pattern),
    printed: (pattern) => saw("stdout", pattern),
    say: (text) => void child.stdin!.write(text),
    stop(signal = "SIGTERM") {
      if (!over) child.kill(signal);
      return ended;
    },
  };
}
