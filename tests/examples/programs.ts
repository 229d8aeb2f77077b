/**
 * Example programs as children of a test, on the runtime that runs the test.
 *
 * @module
 */

import type { ChildProcess } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";

/** A program under test. */
export interface Program {
  /** Waits until standard output matches, and gives the match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until it ended by itself. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts a program of this repository. */
export function startProgram(script: string, ...args: string[]): Program {
  return watch(spawnRuntime(thisRuntime(), script, args));
}

/** Follows a child process. */
export function watch(child: ChildProcess): Program {
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((check) => check());
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  let over = false;
  const ended = new Promise<Awaited<Program["ended"]>>((resolve) => {
    child.once("close", (code) => {
      over = true;
      wake();
      resolve({ code, stdout, stderr });
    });
  });
  return {
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = pattern.exec(stdout);
          if (!match && !over) return;
          waiting.delete(check);
          if (match) resolve(match);
          else reject(new Error(`No ${pattern} in ${stdout}${stderr}`));
        };
        waiting.add(check);
        check();
      }),
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The port in a line such as `Listening on 127.0.0.1:50007`. */
export async function portOf(program: Program): Promise<number> {
  const match = await program.printed(/^Listening on 127\.0\.0\.1:(\d+)$/m);
  return Number(match[1]);
}

/** A plain `node:net` peer that collects what it is sent. */
export class Peer {
  /** The connection itself. */
  readonly socket: Socket;
  /** Settles with everything when the other side ends. */
  readonly all: Promise<string>;
  #text = "";
  readonly #waiting: Set<() => void> = new Set();

  /** Takes over a connection. */
  constructor(socket: Socket) {
    this.socket = socket;
    this.all = new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => resolve(this.#text));
    });
    // Whoever awaits `all` is told; nobody need.
    this.all.catch(() => {});
    socket.setEncoding("utf8").on("data", (text) => {
      this.#text += text;
      this.#waiting.forEach((check) => check());
    });
  }

  /** Waits until this text has come. */
  heard(text: string): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.#text.includes(text)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Hangs up. */
  async leave(): Promise<void> {
    this.socket.end();
    await this.all;
  }
}

/** Connects to a program under test. */
export function call(port: number): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", reject);
    socket.once("connect", () => resolve(new Peer(socket)));
  });
}

/** Serves one program under test, and stops after `fn`. */
export async function withServer<T>(
  serve: (socket: Socket) => void,
  fn: (port: number) => Promise<T>,
): Promise<T> {
  const server: Server = createServer({ allowHalfOpen: true }, serve);
  await new Promise<void>((resolve) => {
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  const address = server.address();
  try {
    return await fn(typeof address === "object" && address ? address.port : 0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
