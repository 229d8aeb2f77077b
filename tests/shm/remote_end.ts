/**
 * The end of a channel that a worker holds, as if it were of this thread: its
 * calls are told to the worker, and its answers come back.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import type { Bytes, BytesLike } from "../../src/contracts.ts";
import { socketError } from "../../src/errors.ts";
import type { DoorbellKind, ShmHandle } from "../../src/shm/mod.ts";
import type { ByteEnd } from "../../src/testing/laws/byte_stream.ts";

/** What the worker is told. */
export type Command =
  | {
    readonly kind: "attach";
    readonly id: number;
    readonly end: number;
    readonly handle: ShmHandle;
    readonly doorbell: DoorbellKind;
  }
  | {
    readonly kind: "call";
    readonly id: number;
    readonly end: number;
    readonly method: keyof ByteEnd;
    readonly args: readonly unknown[];
  }
  | {
    readonly kind: "abort";
    readonly id: number;
    readonly call: number;
    readonly reason: unknown;
  };

/** What it answers. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: {
    readonly code?: string;
    readonly op?: string;
    readonly bytesSent?: number | undefined;
    readonly name?: string;
    readonly text?: string;
    readonly reason?: unknown;
  };
}

interface Caller {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

/** The URL of a worker's program, which is compiled where this file is. */
export function workerUrl(name: string): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../fixtures/shm/${name}.${extension}`, import.meta.url);
}

/** A worker that holds ends of channels. */
export class PartnerThread {
  readonly #worker = new Worker(workerUrl("partner"));
  readonly #callers = new Map<number, Caller>();
  #ids = 0;

  /** Starts the worker. */
  constructor() {
    this.#worker.on("message", ({ id, value, failure }: Answer) => {
      const caller = this.#callers.get(id);
      this.#callers.delete(id);
      if (failure === undefined) caller?.resolve(value as never);
      else caller?.reject(errorOf(failure));
    });
  }

  /** Lets the worker attach to a channel. */
  async attach(handle: ShmHandle, doorbell: DoorbellKind): Promise<ByteEnd> {
    const end = ++this.#ids;
    const command = { kind: "attach", id: end, end, handle, doorbell } as const;
    await this.#ask(command, [handle.port]);
    const call = <T>(method: keyof ByteEnd, ...args: unknown[]): Promise<T> =>
      this.#call(end, method, args);
    return {
      tryRecv: (maxBytes?: number) =>
        call<Bytes | null | undefined>("tryRecv", maxBytes),
      recv: (options) => call("recv", options),
      trySend: (data: BytesLike) => call<number | undefined>("trySend", data),
      sendAll: (data, options) => call("sendAll", data, options),
      shutdown: (how) => call("shutdown", how),
      reset: () => call<void>("reset"),
      close: (options) => call("close", options),
    };
  }

  /** Ends the worker. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #call<T>(end: number, method: keyof ByteEnd, args: unknown[]): Promise<T> {
    const id = ++this.#ids;
    const told = args.map((arg) => this.#told(arg, id));
    return this.#ask<T>({ kind: "call", id, end, method, args: told });
  }

  /** A signal cannot be sent: its abort is told when it comes. */
  #told(arg: unknown, call: number): unknown {
    if (typeof arg !== "object" || arg === null || !("signal" in arg)) {
      return arg;
    }
    const { signal, ...options } = arg;
    if (!(signal instanceof AbortSignal)) return arg;
    if (signal.aborted) {
      return { ...options, signal: "signal", abortedFor: signal.reason };
    }
    signal.addEventListener("abort", () => {
      const id = ++this.#ids;
      void this.#ask({ kind: "abort", id, call, reason: signal.reason });
    });
    return { ...options, signal: "signal" };
  }

  #ask<T>(command: Command, ports: readonly MessagePort[] = []): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#callers.set(command.id, { resolve, reject });
      this.#worker.postMessage(command, ports as never);
    });
  }
}

function errorOf(failure: NonNullable<Answer["failure"]>): unknown {
  const { code, op, bytesSent, name, text } = failure;
  if (code !== undefined) return socketError(code, { op: op ?? "", bytesSent });
  if (name === undefined) return failure.reason;
  const Class = { TypeError, RangeError }[name] ?? Error;
  return new Class(text);
}
