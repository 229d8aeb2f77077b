/**
 * The globals that are virtual inside a simulation. Each asks, on every call,
 * where the code at hand runs: whoever is outside has the platform's own, at
 * the same time. They are patched while a simulation runs, and put back.
 *
 * @module
 */

import { askFor } from "../ambient.ts";
import { type Clock, systemClock } from "../clock.ts";
import { socketError } from "../errors.ts";
import {
  bunRuntime,
  denoRuntime,
  nodeRuntime,
} from "../runtime/drivers/all.ts";
import { builtin } from "../runtime/node/builtins.ts";
import { Fault } from "../runtime/seam/fault.ts";
import { type Inside, inside } from "./bubble.ts";
import { startTimer, stopTimer } from "./timers.ts";

/** What stands in the place of what. */
interface Patch {
  readonly target: object;
  readonly key: string;
  readonly before: PropertyDescriptor | undefined;
  readonly own: unknown;
}

// deno-lint-ignore no-explicit-any -- the globals of three runtimes
type Anything = any;

// dnt-shim-ignore
const world = globalThis as Anything;

let users = 0;
let patches: Patch[] = [];

/** Patches the globals, unless that is done; once for every `putBack`. */
export function patchGlobals(): void {
  if (users++ > 0) return;
  askFor(inside);
  patchTimers();
  patchTime();
  patchChance();
  patchWorkElsewhere();
  patchRefused();
  patchDrivers();
  patchClock();
  patchTimersModule();
}

/**
 * Puts them back, once the last that asked for them is done. What somebody else
 * has patched meanwhile stays as it is; those names are given.
 */
export function putBack(): readonly string[] {
  if (--users > 0) return [];
  askFor(undefined);
  const left: string[] = [];
  for (const { target, key, before, own } of patches.reverse()) {
    const now = Object.getOwnPropertyDescriptor(target, key);
    if (now?.value !== own) left.push(key);
    else if (before === undefined) delete (target as Anything)[key];
    else Object.defineProperty(target, key, before);
  }
  patches = [];
  syncModules();
  return left;
}

function patch(target: object | undefined, key: string, own: unknown): void {
  if (target === undefined) return;
  const before = Object.getOwnPropertyDescriptor(target, key);
  const value = { value: own, writable: true, configurable: true };
  Object.defineProperty(target, key, {
    enumerable: before?.enumerable ?? false,
    ...value,
  });
  patches.push({ target, key, before, own });
}

function patchTimers(): void {
  const kinds = [
    ["setTimeout", "clearTimeout", "timeout"],
    ["setInterval", "clearInterval", "interval"],
    ["setImmediate", "clearImmediate", "immediate"],
  ] as const;
  for (const [set, clear, kind] of kinds) {
    const [start, stop] = [world[set], world[clear]];
    const own = kind === "immediate"
      ? (call: Anything, ...args: unknown[]) =>
        startTimer(kind, call, 0, args) ?? start(call, ...args)
      : (call: Anything, delay?: unknown, ...args: unknown[]) =>
        startTimer(kind, call, delay, args) ?? start(call, delay, ...args);
    // What `util.promisify` and its like look for.
    for (const name of Object.getOwnPropertySymbols(start)) {
      Object.defineProperty(own, name, {
        ...Object.getOwnPropertyDescriptor(start, name),
      });
    }
    patch(world, set, own);
    patch(world, clear, (timer: unknown) => stopTimer(timer) || stop(timer));
  }
  const timeout = AbortSignal.timeout;
  patch(AbortSignal, "timeout", (delayMs: number) => {
    if (inside() === undefined) return timeout.call(AbortSignal, delayMs);
    const controller = new AbortController();
    const text = "The operation was aborted due to timeout";
    const reason = new DOMException(text, "TimeoutError");
    startTimer("timeout", () => controller.abort(reason), delayMs, []);
    return controller.signal;
  });
}

function patchTime(): void {
  const { Date: RealDate } = world;
  const wall = (): number => inside()?.wallMs() ?? RealDate.now();
  const own = new Proxy(RealDate, {
    construct: (target, args, made) =>
      Reflect.construct(target, args.length === 0 ? [wall()] : args, made),
    apply: () => new RealDate(wall()).toString(),
    get: (target, key) => key === "now" ? wall : Reflect.get(target, key),
  });
  patch(world, "Date", own);
  const { performance, process } = world;
  const now = performance.now.bind(performance);
  patch(performance, "now", () => inside()?.kernel.look() ?? now());
  if (typeof process?.hrtime !== "function") return;
  const { hrtime } = process;
  const virtual = (before?: readonly [number, number]) => {
    const part = inside();
    if (part === undefined) return hrtime.call(process, before);
    const nanos = nanosOf(part);
    const [s, n] = [Number(nanos / BILLION), Number(nanos % BILLION)];
    if (before === undefined) return [s, n];
    const isLess = n < before[1];
    return [
      s - before[0] - (isLess ? 1 : 0),
      n - before[1] + (isLess ? 1e9 : 0),
    ];
  };
  virtual.bigint = () => {
    const part = inside();
    return part === undefined ? hrtime.bigint() : nanosOf(part);
  };
  patch(process, "hrtime", virtual);
}

const BILLION = 1_000_000_000n;

function nanosOf({ kernel }: Inside): bigint {
  return BigInt(Math.round(kernel.look() * 1e6));
}

function patchChance(): void {
  const { crypto, Math } = world;
  const { random } = Math;
  patch(Math, "random", () => inside()?.draw() ?? random());
  const values = crypto.getRandomValues.bind(crypto);
  const fill = (array: ArrayBufferView) => {
    const part = inside();
    if (part === undefined) return values(array);
    const { buffer, byteOffset, byteLength } = array;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let i = 0; i < byteLength; i++) bytes[i] = part.draw() * 256;
    return array;
  };
  patch(crypto, "getRandomValues", fill);
  const uuid = crypto.randomUUID.bind(crypto);
  patch(crypto, "randomUUID", () => {
    if (inside() === undefined) return uuid();
    const bytes = new Uint8Array(16);
    fill(bytes);
    bytes[6] = (bytes[6]! & 15) | 64;
    bytes[8] = (bytes[8]! & 63) | 128;
    const digits = [...bytes].map((each) => each.toString(16).padStart(2, "0"));
    return digits.join("").replace(
      /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
      "$1-$2-$3-$4-$5",
    );
  });
}

/** What is done by other threads: time stands still meanwhile. */
const WORK = [
  "decrypt",
  "deriveBits",
  "deriveKey",
  "digest",
  "encrypt",
  "exportKey",
  "generateKey",
  "importKey",
  "sign",
  "unwrapKey",
  "verify",
  "wrapKey",
] as const;

function patchWorkElsewhere(): void {
  const { subtle } = world.crypto;
  for (const name of WORK) {
    const real = subtle[name].bind(subtle);
    patch(subtle, name, (...args: unknown[]) => {
      const part = inside();
      return part === undefined
        ? real(...args)
        : part.kernel.external(real(...args));
    });
  }
}

const NOT_HERE = "not in a simulation";

function refusal(op: string): Error {
  return socketError("EPERM", { op, reason: NOT_HERE });
}

/** What would leave the simulation. */
function patchRefused(): void {
  const { fetch, WebSocket } = world;
  if (fetch !== undefined) {
    const own = (...args: unknown[]) =>
      inside() === undefined
        ? Reflect.apply(fetch, world, args)
        : Promise.reject(refusal("fetch"));
    patch(world, "fetch", own);
  }
  if (WebSocket === undefined) return;
  const own = new Proxy(WebSocket, {
    construct(target, args, made) {
      if (inside() !== undefined) throw refusal("WebSocket");
      return Reflect.construct(target, args, made);
    },
  });
  patch(world, "WebSocket", own);
}

/** What a driver of the runtimes' own does for who runs outside. */
const OF_DRIVERS = ["bindDatagram", "connect", "listen", "lookup"] as const;

/** Who names a real runtime inside would leave the simulation, too. */
function patchDrivers(): void {
  // What is bundled for one runtime may have one driver for another's, too.
  const drivers = new Set([bunRuntime(), denoRuntime(), nodeRuntime()]);
  for (const driver of drivers) {
    for (const name of OF_DRIVERS) {
      const real = driver[name] as (...args: unknown[]) => Promise<unknown>;
      patch(
        driver,
        name,
        (...args: unknown[]) =>
          inside() === undefined
            ? Reflect.apply(real, driver, args)
            : Promise.reject(new Fault("EPERM", undefined, NOT_HERE)),
      );
    }
  }
}

/** The library took its timers at import: its clock asks, too. */
function patchClock(): void {
  const { now, start, afterPoll } = systemClock;
  patch(systemClock, "now", () => inside()?.kernel.now() ?? now());
  patch(systemClock, "start", (delayMs: number, fire: () => void) => {
    const part = inside();
    if (part === undefined) return start(delayMs, fire);
    return part.kernel.after(delayMs, () => part.run(fire));
  });
  patch(systemClock, "afterPoll", (task: () => void) => {
    const part = inside();
    return part === undefined
      ? (afterPoll as Required<Clock>["afterPoll"])(task)
      : part.afterTurn(task);
  });
}

interface Waits {
  readonly signal?: AbortSignal;
}

/** A promise that a timer settles. */
function wait(
  kind: "timeout" | "immediate",
  delayMs: unknown,
  value: unknown,
  { signal }: Waits = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      const cause = { cause: signal?.reason };
      const error = new Error("The operation was aborted", cause);
      reject(Object.assign(error, { name: "AbortError", code: "ABORT_ERR" }));
    };
    if (signal?.aborted) return fail();
    const timer = startTimer(
      kind,
      () => {
        signal?.removeEventListener("abort", aborted);
        resolve(value);
      },
      delayMs,
      [],
    );
    const aborted = () => {
      stopTimer(timer);
      fail();
    };
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** Node alone lets `node:timers/promises` be replaced for those who import it. */
function patchTimersModule(): void {
  if (world.Deno !== undefined || world.Bun !== undefined) return;
  const module = builtin<Anything>("node:timers/promises");
  const { setTimeout, setImmediate, setInterval } = module;
  patch(
    module,
    "setTimeout",
    (delayMs?: number, value?: unknown, options?: Waits) =>
      inside() === undefined
        ? setTimeout(delayMs, value, options)
        : wait("timeout", delayMs, value, options),
  );
  patch(
    module,
    "setImmediate",
    (value?: unknown, options?: Waits) =>
      inside() === undefined
        ? setImmediate(value, options)
        : wait("immediate", 0, value, options),
  );
  patch(
    module,
    "setInterval",
    (delayMs?: number, value?: unknown, options?: Waits) =>
      inside() === undefined
        ? setInterval(delayMs, value, options)
        : every(delayMs, value, options),
  );
  syncModules();
}

async function* every(
  delayMs: number | undefined,
  value: unknown,
  options: Waits | undefined,
): AsyncGenerator<unknown> {
  while (true) yield await wait("timeout", delayMs, value, options);
}

function syncModules(): void {
  if (world.Deno !== undefined || world.Bun !== undefined) return;
  builtin<Anything>("node:module").syncBuiltinESMExports();
}
