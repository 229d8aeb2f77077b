/**
 * Libraries for Cloudflare's workers, elsewhere: `cloudflare:sockets` becomes
 * our `wintertc`. On Deno an import map does it, and nothing else can:
 * `{ "imports": { "cloudflare:sockets": "npm:anysock/wintertc" } }`.
 *
 * @module
 */

import * as module from "node:module";
import * as sockets from "../../src/wintertc/mod.ts";

const NAME = "cloudflare:sockets";
/** Of an installed package `import.meta.resolve("anysock/wintertc")`. */
const OURS: string = new URL("../../src/wintertc/mod.ts", import.meta.url).href
  .replace(/ts$/, import.meta.url.slice(-2));

/** Bun's own, as far as it is used. */
interface Bun {
  plugin(plugin: { name: string; setup(build: Builder): void }): void;
}
interface Builder {
  module(name: string, load: () => { exports: object; loader: string }): void;
}

/** To be called before anything imports it. */
export function aliasCloudflare(): void {
  const { Bun } = globalThis as { Bun?: Bun };
  if (Bun !== undefined) {
    const load = () => ({ exports: sockets, loader: "object" });
    const setup = (build: Builder) => build.module(NAME, load);
    return Bun.plugin({ name: NAME, setup });
  }
  // Node before 22.15: hooks are modules, which run in a thread of their own.
  if (module.registerHooks === undefined) return module.register?.(HOOK);
  module.registerHooks({
    resolve: (name, context, next) =>
      name === NAME ? { url: OURS, shortCircuit: true } : next(name, context),
  });
}

const TEXT = `export const resolve = (name, context, next) =>
  name === "${NAME}"
    ? { url: "${OURS}", shortCircuit: true }
    : next(name, context);`;
const HOOK = `data:text/javascript,${encodeURIComponent(TEXT)}`;
