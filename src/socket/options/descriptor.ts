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
import { named, refusalOf } from "./names.ts";

/** Whatever has a descriptor. */
interface Holder {
  /** How the descriptor is found. */
  readonly native: NativeSocket;
}

/** The runtimes whose sockets are the kernel's. */
const HAS_DESCRIPTORS: ReadonlySet<string> = new Set(["bun", "deno", "node"]);

/** The options of one socket that are set by way of its descriptor. */
export class DescriptorOptions {
  readonly #runtime: Runtime;
  readonly #set: Map<string, { key: OptionKey; value: Uint8Array }> = new Map();
  #holder: Holder | undefined;

  /** Of a socket that may have no descriptor yet. */
  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Whether an option was set this way. */
  has(key: OptionKey): boolean {
    return this.#set.has(textOf(key));
  }

  /**
   * Sets an option, now or once there is a descriptor. Throws the runtime's
   * `refusal` if there is no such way.
   */
  set(key: OptionKey, value: Uint8Array, refusal?: Fault): void {
    if (refusal !== undefined) this.#demand(refusal);
    if (this.#holder !== undefined) tellKernel(this.#holder, key, value);
    this.#set.set(textOf(key), { key, value: value.slice() });
  }

  /** What the kernel says. Throws as `set` does. */
  get(key: OptionKey, maxBytes: number, refusal: Fault): Bytes {
    this.#demand(refusal);
    const holder = this.#holder;
    if (holder !== undefined) {
      return named(key, () => {
        const native = nativeOptions()!;
        return native.get(holder.native, key.level, key.name, maxBytes);
      });
    }
    const pending = this.#set.get(textOf(key));
    if (pending !== undefined) return pending.value.slice();
    throw refusalOf(key, "there is no descriptor before connect or listen");
  }

  /** There is a descriptor: what was set before reaches it now. */
  opened(holder: Holder): void {
    for (const { key, value } of this.#set.values()) {
      tellKernel(holder, key, value);
    }
    this.#holder = holder;
  }

  /** The kernel has handed a listener's options on to what it accepted. */
  inherit(from: DescriptorOptions, holder: Holder): void {
    for (const [text, each] of from.#set) this.#set.set(text, each);
    this.#holder = holder;
  }

  /** Throws the refusal, and what might help, where there is no such way. */
  #demand(refusal: Fault): void {
    if (!HAS_DESCRIPTORS.has(this.#runtime.name)) throw refusal;
    if (nativeOptions() !== undefined) return;
    const reason = `${refusal.reason}; usePosix() of anysock/posix may do it`;
    throw new Fault(refusal.code, refusal.cause, reason);
  }
}

function tellKernel(holder: Holder, key: OptionKey, value: Uint8Array): void {
  named(key, () => {
    nativeOptions()!.set(holder.native, key.level, key.name, value);
  });
}

function textOf({ level, name }: OptionKey): string {
  return `${level}/${name}`;
}
