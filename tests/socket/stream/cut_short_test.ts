/**
 * A peer outside that resets while a send of ours waits for room and a receive
 * begins: which of the two meets the reset is chance, and neither may take it
 * for an end.
 */

import assert from "node:assert/strict";
import { listen, type StreamSocket } from "../../../src/socket/mod.ts";
import { test } from "../../harness.ts";
import { type RawPeer, withRawPeer } from "../../support/raw_peer.ts";

/** More than the kernel takes. */
const MUCH = new Uint8Array(20_000_000);

const ROUNDS = 25;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "no error";
  } catch (error) {
    return String((error as { readonly code?: string }).code);
  }
}

async function readToEnd(socket: StreamSocket): Promise<void> {
  while (await socket.recv() !== null);
}

async function resetAmidSend(peer: RawPeer): Promise<void> {
  await using listener = await listen("127.0.0.1:0");
  for (let round = 0; round < ROUNDS; round++) {
    const { hostname, port } = listener.getSockName() as {
      readonly hostname: string;
      readonly port: number;
    };
    const client = await peer.connect({ hostname, port });
    const [server] = await listener.accept();
    const sending = codeOf(server.sendAll(MUCH));
    await client.send("0123456789");
    await client.reset();
    assert.equal(await codeOf(readToEnd(server)), "ECONNRESET");
    assert.equal(await sending, "ECONNRESET");
    await server.close({ lingerMs: 0 });
  }
}

test("a reset is no end when a send waits and recv comes just then", () =>
  withRawPeer(resetAmidSend));
