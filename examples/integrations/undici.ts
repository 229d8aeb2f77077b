/**
 * undici, and so its `fetch`, over sockets of ours.
 *
 * @module
 */

import { Agent, type buildConnector, fetch, type Response } from "undici";
import {
  undiciConnector,
  type UndiciConnectorOptions,
} from "../../src/node/mod.ts";

/** What `fetch(url, { dispatcher })` and `request` take. */
export function openAgent(options: UndiciConnectorOptions = {}): Agent {
  return new Agent({
    connect: undiciConnector(options) as buildConnector.connector,
  });
}

/** A request by way of it. */
export function ask(
  agent: Agent,
  url: string,
  options: {
    method?: "GET" | "POST";
    body?: Uint8Array;
    signal?: AbortSignal;
  } = {},
): Promise<Response> {
  return fetch(url, { ...options, dispatcher: agent });
}
