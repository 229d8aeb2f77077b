/**
 * undici, and so its `fetch`, over sockets of ours.
 *
 * @module
 */

import {
  Agent,
  type buildConnector,
  fetch,
  request,
  type Response,
} from "undici";
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

/** A body by undici's own call, which is cheaper than `fetch`. */
export async function load(agent: Agent, url: string): Promise<ArrayBuffer> {
  const { body } = await request(url, { dispatcher: agent });
  return await body.arrayBuffer();
}
