/**
 * Options by way of the descriptor, for what the runtime has no way to. What
 * went this way once goes this way for good.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import type { NativeSocket } from "../../runtime/seam/native.ts";
import { nativeOptions } from "../../runtime/seam/native.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { OptionKey } from "./names.ts";
import { keyText, named, refusalOf } from "./names.ts";

/** Whatever has a descriptor. */
export interface DescriptorHolder {
  /** How the descriptor is found. */
  readonly native: NativeSocket;
}

/** What there is no descriptor for yet. */
const TOO_EARLY = "there is no descriptor before connect, listen or bind";

/** The options of one socket that are set by way of its descriptor. */
export class DescriptorOptions {
  readonly #runtime: Runtime;
  /** What was set last, by option. */
  readonly #values: Map<string, Bytes> = new Map();
  /** What waits for the descriptor, in order. */
  #pending: (readonly [OptionKey, Bytes])[] = [];
  #holder: DescriptorHolder | undefined;

  /** Of a socket that may have no descriptor yet. */
  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Whether an option was set this way. */
  has(key: OptionKey): boolean {
    return this.#values.has(keyText(key));
  }

  /** Whether there is a descriptor. */
  get isOpen(): boolean {
    return this.#holder !== undefined;
  }

  /** Sets an option, now or once there is a descriptor. */
  set(key: OptionKey, value: Bytes): void {
    named(key, () => nativeOptions()!.check(key.level, key.name!));
    if (this.#holder !== undefined) tellKernel(this.#holder, key, value);
    else this.#pending.push([key, value]);
    this.#values.set(keyText(key), value);
  }

  /** What the kernel says, at most `maxBytes`. */
  get(key: OptionKey, maxBytes: number): Bytes {
    const holder = this.#holder;
    const native = nativeOptions()!;
    named(key, () => native.check(key.level, key.name!));
    if (holder !== undefined) {
      return named(
        key,
        () => native.get(holder.native, key.level, key.name!, maxBytes),
      );
    }
    const pending = this.#values.get(keyText(key));
    if (pending !== undefined) return pending.slice();
    throw refusalOf(key, TOO_EARLY);
  }

  /** There is a descriptor: what was set before reaches it now. */
  opened(holder: DescriptorHolder): void {
    for (const [key, value] of this.#pending) tellKernel(holder, key, value);
    this.#pending = [];
    this.#holder = holder;
  }

  /** The kernel has handed a listener's options on to what it accepted. */
  inherit(from: DescriptorOptions, holder: DescriptorHolder): void {
    for (const [text, value] of from.#values) this.#values.set(text, value);
    this.#holder = holder;
  }

  /** Throws the refusal, and what might help, where there is no such way. */
  demand(refusal: Fault): void {
    // A network without a process around it has no kernel, and no descriptors.
    if (this.#runtime.host === undefined) throw refusal;
    if (nativeOptions() !== undefined) return;
    const reason = `${refusal.reason}; usePosix() of anysock/posix may do it`;
    throw new Fault(refusal.code, refusal.cause, reason);
  }
}

function tellKernel(
  holder: DescriptorHolder,
  key: OptionKey,
  value: Bytes,
): void {
  named(key, () => {
    nativeOptions()!.set(holder.native, key.level, key.name!, value);
  });
}
