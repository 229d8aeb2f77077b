/**
 * One `test()` for Deno, Bun and Node.
 *
 * On Deno it is `Deno.test` with all sanitizers on: a bare `node:test` there
 * stays green on late throws, dangling rejections and leaks. On Bun it is
 * `bun:test`, which the oldest Bun has as well, and on Node `node:test`. After
 * every test the library has to hold as many handles as before: sanitizers do
 * not see the sockets of Deno's `node:net`, and Bun reports no leak at all.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import process from "node:process";
import { type HandleCounts, handleCounts } from "../src/handle_counts.ts";
import { watchdog, WATCHDOG_MS } from "./watchdog.ts";

/** Where to note what each test took; see `scripts/test/times.ts`. */
const timesPath = process.env.ANYSOCK_TIMES;

/** What a test function is given. */
export interface TestContext {
  /** Runs and reports a part of the test; a failing step fails the test. */
  step(name: string, fn: () => void | Promise<void>): Promise<void>;
}

/** The body of a test. */
export type TestFn = (t: TestContext) => void | Promise<void>;

/** How a test differs from an ordinary one. */
export interface TestOptions {
  /** Milliseconds until the test fails as hung; default 20,000. */
  readonly timeoutMs?: number;
  /**
   * Why the test cannot run here. It is reported as skipped, reason and all.
   * `false` and `undefined` run it, so that a condition fits in one line.
   */
  readonly skip?: string | false | undefined;
  /** Why Deno's leak sanitizers have to be off for this test. */
  readonly unsanitized?: string;
  /** Why the library may hold more handles after this test than before it. */
  readonly leavesHandles?: string;
}

interface Declared extends TestOptions {
  /** The file that declares the test, where times are noted. */
  readonly file?: string | undefined;
}

/** What runs after every test; it fails the test by throwing. */
export type TestEndHook = (testName: string) => void | Promise<void>;

const hooks: Set<TestEndHook> = new Set();

/**
 * Adds something that every later end of a test runs, and gives back what
 * takes it away. Bun runs all files in one process: there a hook holds for the
 * files that come after as well.
 */
export function onTestEnd(hook: TestEndHook): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}

/** How long a drain may go on: the default of `lingerMs`, and some more. */
const DRAIN_MS = 3_000;

/**
 * Runs `fn` under the watchdog, compares the library's handles with those
 * before, then runs every end hook; every failure counts.
 */
export async function runGuarded(
  name: string,
  fn: () => void | Promise<void>,
  { timeoutMs = WATCHDOG_MS, leavesHandles, file }: Declared = {},
): Promise<void> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const failures: unknown[] = [];
  const attempt = async (what: string, work: () => void | Promise<void>) => {
    try {
      await watchdog(what, timeoutMs, work);
    } catch (error) {
      failures.push(error);
    }
  };
  const before = handleCounts();
  await attempt(name, fn);
  if (!leavesHandles) await attempt("census", () => census(before));
  for (const hook of hooks) {
    await attempt(`after ${name}`, () => hook(name));
  }
  if (file && timesPath) {
    const { user, system } = process.cpuUsage(cpu);
    const ms = [performance.now() - start, (user + system) / 1000];
    note(timesPath, ms, file, name);
  }
  throwAll(failures);
}

function note(path: string, ms: readonly number[], ...whose: string[]): void {
  const words = [...ms.map((each) => each.toFixed(1)), ...whose];
  appendFileSync(path, `${words.join("\t")}\n`);
}

function throwAll(failures: readonly unknown[]): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, texts(failures));
}

/**
 * What an earlier test left open may go meanwhile, hence fewer are no fault.
 * A drain may go on behind a settled close until `lingerMs` is over.
 *
 * @throws {Error} if the library holds more than it held `before`
 */
async function census(before: HandleCounts): Promise<void> {
  const end = performance.now() + DRAIN_MS;
  let left = leftOver(before);
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    left = leftOver(before);
  }
  if (left.length === 0) return;
  throw new Error(`The test leaves handles open: ${left.join(", ")}`);
}

function leftOver(before: HandleCounts): string[] {
  const after = handleCounts();
  const kinds = Object.keys(before) as (keyof HandleCounts)[];
  return kinds
    .filter((kind) => after[kind] > before[kind])
    .map((kind) => `${after[kind] - before[kind]} of kind ${kind}`);
}

function texts(failures: readonly unknown[]): string {
  return failures
    .map((each) => each instanceof Error ? each.message : String(each))
    .join("; then ");
}

/** The part of Deno's global that is used here. */
interface DenoGlobal {
  readonly Deno?: {
    test(options: {
      name: string;
      ignore: boolean;
      sanitizeOps: boolean;
      sanitizeResources: boolean;
      sanitizeExit: boolean;
      fn(t: DenoSteps): Promise<void>;
    }): void;
  };
}

interface DenoSteps {
  step(name: string, fn: () => void | Promise<void>): Promise<boolean>;
}

type Register = (name: string, fn: TestFn, options: Declared) => void;

const deno = (globalThis as unknown as DenoGlobal).Deno;
const register: Register = deno
  ? denoRegister(deno)
  : "Bun" in globalThis
  ? await bunRegister()
  : await nodeRegister();

/**
 * Declares a test. It runs under a watchdog: one that hangs fails with its
 * name instead of hanging the run.
 */
export function test(
  name: string,
  fn: TestFn,
  options: TestOptions = {},
): void {
  const shown = options.skip ? `${name} [skipped: ${options.skip}]` : name;
  register(shown, fn, timesPath ? { ...options, file: fileHere() } : options);
}

/** The test file that is being loaded. */
function fileHere(): string | undefined {
  return /[^\s(]*_test\.[jt]s/.exec(new Error().stack ?? "")?.[0];
}

function denoRegister(deno: NonNullable<DenoGlobal["Deno"]>): Register {
  return (name, fn, options) =>
    deno.test({
      name,
      ignore: Boolean(options.skip),
      sanitizeOps: !options.unsanitized,
      sanitizeResources: !options.unsanitized,
      sanitizeExit: true,
      fn: (t) =>
        runGuarded(name, () =>
          fn({
            step: async (stepName, stepFn) => {
              await t.step(stepName, stepFn);
            },
          }), options),
    });
}

/** The part of `bun:test` that is used here. */
interface BunTest {
  readonly test: {
    (name: string, fn: () => Promise<void>, timeoutMs: number): void;
    skip(name: string, fn: () => Promise<void>): void;
  };
}

async function bunRegister(): Promise<Register> {
  // The types of Bun are unknown here, and so is its module.
  const module = "bun:test";
  const { test } = await import(module) as BunTest;
  return (name, fn, options) => {
    const run = () => runGuarded(name, () => inSteps(fn), options);
    if (options.skip) test.skip(name, run);
    else test(name, run, spokenFirst(options));
  };
}

/** Bun knows no steps: those that fail name themselves, and others go on. */
async function inSteps(fn: TestFn): Promise<void> {
  const failures: unknown[] = [];
  await fn({
    step: async (name, stepFn) => {
      try {
        await stepFn();
      } catch (cause) {
        failures.push(new Error(`step "${name}" failed`, { cause }));
      }
    },
  });
  throwAll(failures);
}

/** The watchdog speaks first: for the test, and again for each hook. */
function spokenFirst({ timeoutMs = WATCHDOG_MS }: TestOptions): number {
  return timeoutMs * (2 + hooks.size) + 1_000;
}

/**
 * How long a file may stay alive after its last test. Whatever it is that
 * keeps it alive was leaked.
 */
const LEAK_GRACE_MS = 5_000;

async function nodeRegister(): Promise<Register> {
  const node = await import("node:test");
  node.after(endEvenIfLeaky);
  return (name, fn, options) => {
    const settings = {
      skip: options.skip || false,
      timeout: spokenFirst(options),
    };
    node.test(name, settings, (t) =>
      runGuarded(name, () =>
        fn({
          step: async (stepName, stepFn) => {
            await t.test(stepName, () => stepFn());
          },
        }), options));
  };
}

/** Node waits for ever on a leaked server: say so, and fail instead. */
function endEvenIfLeaky(): void {
  setTimeout(() => {
    console.error(
      `This file leaked: its tests are over and something kept it alive for ` +
        `${LEAK_GRACE_MS} ms more.`,
    );
    process.exit(1);
  }, LEAK_GRACE_MS).unref();
}
