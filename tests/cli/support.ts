/**
 * A command's input, outputs and Ctrl-C, made by hand.
 *
 * @module
 */

import { type Io, type Output, OutputClosed } from "../../cli/io.ts";
import { runProgram } from "../../cli/program.ts";

/** What a command has written, and the means to end it. */
export interface Run {
  /** Settles with the exit code. */
  readonly code: Promise<number>;
  /** What is on standard output. */
  readonly output: () => string;
  /** What is on standard error. */
  readonly errors: () => string;
  /** Settles when either matches, with the match. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ctrl-C. */
  interrupt(): void;
}

/** How the world of a command differs from an empty pipe. */
export interface World {
  /** What can be read; default nothing. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** A person looks and types. */
  readonly isTerminal?: boolean;
  /** Whoever reads our output leaves after so many bytes. */
  readonly readsBytes?: number;
}

/** Starts a command in this process. */
export function start(args: readonly string[], world: World = {}): Run {
  const interrupted = new AbortController();
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((check) => check());
  const output = memory(world.isTerminal === true, wake, world.readsBytes);
  const errors = memory(world.isTerminal === true, wake);
  const io: Io = {
    input: inputOf(world),
    output: output.out,
    errors: errors.out,
    wantsColours: world.isTerminal === true,
    interrupted: interrupted.signal,
  };
  const code = runProgram(args, io).finally(wake);
  let isOver = false;
  void code.then(() => {
    isOver = true;
    wake();
  });
  return {
    code,
    output: output.text,
    errors: errors.text,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const text = `${output.text()}${errors.text()}`;
          const match = pattern.exec(text);
          if (match === null && !isOver) return;
          waiting.delete(check);
          if (match !== null) resolve(match);
          else reject(new Error(`No ${pattern} in ${text}`));
        };
        waiting.add(check);
        check();
      }),
    interrupt: () => interrupted.abort("SIGINT"),
  };
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  world: World = {},
): Promise<{ code: number; output: string; errors: string }> {
  const started = start(args, world);
  const code = await started.code;
  return { code, output: started.output(), errors: started.errors() };
}

/** Text as a pipe gives it. */
export async function* text(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield new TextEncoder().encode(chunk);
}

/** The port at which a command says that it listens. */
export async function portOf(run: Run): Promise<string> {
  const [, port = ""] = await run.says(/^listening at .*:(\d+)$/m);
  return port;
}

function memory(
  isTerminal: boolean,
  wake: () => void,
  most: number = Infinity,
): { out: Output; text: () => string } {
  const decoder = new TextDecoder();
  let written = "";
  let bytes = 0;
  const out: Output = {
    isTerminal,
    columns: 80,
    write(data) {
      if (bytes >= most) return Promise.reject(new OutputClosed("left"));
      const chunk = typeof data === "string"
        ? data
        : decoder.decode(data, { stream: true });
      bytes += data.length;
      written += chunk;
      wake();
      return Promise.resolve();
    },
  };
  return { out, text: () => written };
}

function inputOf({ input = text(), isTerminal = false }: World): Io["input"] {
  let stop = (): void => {};
  const stopped = new Promise<IteratorResult<Uint8Array>>((resolve) =>
    stop = () => resolve({ done: true, value: undefined })
  );
  return {
    isTerminal,
    stop: () => stop(),
    async *[Symbol.asyncIterator]() {
      const chunks = input[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await Promise.race([chunks.next(), stopped]);
        if (done) return;
        yield value;
      }
    },
  };
}
