/**
 * The process as a command sees it, on Deno, Bun and Node.
 *
 * @module
 */

import process from "node:process";
import { type Input, type Io, type Output, OutputClosed } from "./io.ts";

/** The process's own streams and signals. Nothing is read until it is asked. */
export function processIo(): Io {
  return {
    input: standardInput(),
    output: outputOver(process.stdout),
    errors: outputOver(process.stderr),
    wantsColours: wantsColours(),
    interrupted: interruptions(),
  };
}

function standardInput(): Input {
  let stop = (): void => {};
  let isOpened = false;
  const stopped = new Promise<{ done: true; value: undefined }>((resolve) =>
    stop = () => resolve({ done: true, value: undefined })
  );
  return {
    get isTerminal() {
      return process.stdin.isTTY === true;
    },
    stop() {
      stop();
      if (isOpened) process.stdin.destroy();
    },
    async *[Symbol.asyncIterator]() {
      isOpened = true;
      const chunks = process.stdin[Symbol.asyncIterator]();
      for (;;) {
        const next = chunks.next();
        next.catch(() => {}); // one that is stopped may fail
        const { done, value } = await Promise.race([next, stopped]);
        if (done) return;
        yield value;
      }
    },
  };
}

function outputOver(stream: NodeJS.WriteStream): Output {
  // Each write is told of its own failure; unheard, this would end the process.
  stream.on("error", () => {});
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (error) => {
          if (!error) resolve();
          else if (isClosed(error)) reject(new OutputClosed(error.message));
          else reject(error);
        });
      }),
  };
}

function isClosed(error: Error & { code?: string }): boolean {
  return /^(EPIPE|ECONNRESET|ERR_STREAM_DESTROYED)$/.test(error.code ?? "") ||
    /broken pipe/i.test(error.message);
}

/** `NO_COLOR` forbids them, whatever it says; Deno has read it already. */
function wantsColours(): boolean {
  const { Deno: deno } = globalThis as { Deno?: { noColor: boolean } };
  if (deno !== undefined) return !deno.noColor;
  return (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
}

/** The first signal asks; a second one ends the process as it is. */
function interruptions(): AbortSignal {
  const asked = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => asked.abort(name));
  }
  return asked.signal;
}
