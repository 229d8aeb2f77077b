/**
 * What tests of servers share.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  connect,
  currentRuntime,
  type Runtime,
  type SocketError,
  type StreamSocket,
} from "../../mod.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Server, ServerStats } from "../../src/server/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test, type TestOptions } from "../harness.ts";

/** The networks that a law of servers is held to: memory, and each driver. */
export function networks(): readonly (readonly [string, () => Runtime])[] {
  const native = currentRuntime();
  const columns: [string, () => Runtime][] = [
    ["memory", () => memoryNetwork()],
    [native.name, () => native],
  ];
  if (native.name !== "node") columns.push(["node:net", () => nodeRuntime()]);
  return columns;
}

/** Declares a test for each network. */
export function onEach(
  name: string,
  fn: (runtime: Runtime) => Promise<void>,
  options: TestOptions = {},
): void {
  for (const [network, make] of networks()) {
    test(`${network}: ${name}`, () => fn(make()), options);
  }
}

/** A promise and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

/** Something to wait for. */
export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => resolve = settle);
  return { promise, resolve };
}

/** A client of a server. */
export function clientOf(
  server: Pick<Server, "address">,
  runtime: Runtime,
): Promise<StreamSocket> {
  return connect(server.address, { runtime });
}

/** What an echo server answers, as text. */
export async function ask(
  client: StreamSocket,
  text: string,
): Promise<string> {
  await client.sendAll(text);
  const bytes = await client.recvExactly(new TextEncoder().encode(text).length);
  return new TextDecoder().decode(bytes);
}

/** Sends back what comes, until the end. */
export async function echo(connection: StreamSocket): Promise<void> {
  for await (const bytes of connection) await connection.sendAll(bytes);
}

/** How a connection ends for its peer: `"end"`, or a code. */
export async function endOf(client: StreamSocket): Promise<string> {
  try {
    while (await client.recv() !== null);
    return "end";
  } catch (error) {
    return (error as SocketError).code;
  }
}

/** How a connection that may be refused at once ends: as `endOf`. */
export async function visit(
  server: Pick<Server, "address">,
  runtime: Runtime,
): Promise<string> {
  try {
    await using client = await clientOf(server, runtime);
    return await endOf(client);
  } catch (error) {
    return (error as SocketError).code;
  }
}

/** How a reset looks to the peer. */
export function isReset(end: string, runtime: Runtime): void {
  // Deno closes with FIN, and so does what is in its hands unread.
  const ways = runtime.supports.abortiveClose === true
    ? ["ECONNRESET"]
    : ["ECONNRESET", "end"];
  assert.ok(ways.includes(end), end);
}

/** The sum that holds at any moment. */
export function addsUp(stats: ServerStats): void {
  const { accepted, active, finished, failed, timedOut } = stats;
  const { idle, handshake, age } = timedOut;
  const sum = active + finished + failed + idle + handshake + age;
  assert.equal(accepted, sum, JSON.stringify(stats));
}

/** Settles once something holds; each look is a turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Closes clients, however far they have come. */
export async function closeAll(
  clients: Iterable<StreamSocket>,
): Promise<void> {
  await Promise.all(Array.from(clients, (each) => each.close({ lingerMs: 0 })));
}
