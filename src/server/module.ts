/**
 * Handlers that are modules, which workers can import as well.
 *
 * @module
 */

import { show } from "../address.ts";
import type { Handler } from "./server.ts";

/**
 * What the module of a handler exports. It is imported in each worker, and
 * importing it must not serve.
 */
export interface HandlerModule {
  /** The handler. */
  readonly default: Handler;
  /**
   * Awaited before the server listens; given `data` of the option `workers`,
   * `undefined` without workers.
   */
  readonly setup?: (data: unknown) => unknown;
}

/**
 * The handler of a module, once it has been set up.
 *
 * @throws {TypeError} if the module exports none; what importing it and
 *   `setup` throw.
 */
export async function loadHandler(url: URL, data: unknown): Promise<Handler> {
  const module = await import(url.href) as Partial<HandlerModule>;
  const { default: handler, setup } = module;
  if (typeof handler !== "function") {
    const text = `${url.href} exports no handler as its default`;
    throw new TypeError(`${text}: ${show(handler)}`);
  }
  if (setup !== undefined && typeof setup !== "function") {
    const text = `${url.href} exports a setup that is no function`;
    throw new TypeError(`${text}: ${show(setup)}`);
  }
  await setup?.(data);
  return handler;
}
