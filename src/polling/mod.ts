/**
 * Waiting for many sockets at once: `select`, and `Selector` for more of them.
 *
 * @example Which of these can be read?
 * ```ts
 * import { socketPair } from "@anysock/anysock";
 * import { select } from "@anysock/anysock/polling";
 *
 * const [a, b] = await socketPair();
 * await a.sendAll("hello");
 * const [readers] = await select([a, b], [], [], 1_000);
 * console.log(readers.length); // 1: it is b
 * await Promise.all([a.close(), b.close()]);
 * ```
 *
 * @module
 */

export type { Clock, Timer } from "../clock.ts";
export type { WaitOptions } from "../contracts.ts";
export type { Pollable, Readiness, Watch } from "../readiness.ts";
export { EVENT_ERROR, EVENT_READ, EVENT_WRITE } from "../readiness.ts";
export type { PollClock } from "./arguments.ts";
export { select } from "./select.ts";
export { Selector } from "./selector.ts";
export type { SelectorKey } from "./selector_key.ts";
