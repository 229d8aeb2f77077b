/**
 * A short talk over a wire that ends too early, at whatever byte: what came is
 * told, the end never is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromStreams, type StreamSocket } from "../../src/socket/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { closeAll, told, VERSIONS } from "./kit.ts";

const skip = lackOfOpenssl();

/** Cuts in a handshake are so many bytes apart; 1 takes some seconds. */
const STEP_BYTES = process.env.ANYSOCK_EVERY_BYTE === "1" ? 1 : 43;

/** One direction of a wire, which may end before what is sent does. */
class Direction {
  readonly writable: WritableStream<Uint8Array>;
  readonly readable: ReadableStream<Uint8Array>;
  /** How many bytes were sent, and how many of them may pass. */
  sent = 0;
  limit = Infinity;
  /** How many of them in the handshake. */
  sentBefore = 0;
  #reader: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;

  constructor() {
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#reader = controller;
      },
      cancel: () => {
        this.#isOver = true;
      },
    });
    this.writable = new WritableStream<Uint8Array>({
      write: (chunk) => this.#pass(chunk),
      close: () => this.#end(),
      abort: () => this.#end(),
    });
  }

  /** Whether the wire ended before what was sent. */
  get isCut(): boolean {
    return this.sent > this.limit;
  }

  #pass(chunk: Uint8Array): void {
    const room = Math.max(this.limit - this.sent, 0);
    this.sent += chunk.length;
    if (this.#isOver) return;
    if (room > 0) this.#reader?.enqueue(chunk.slice(0, room));
    if (chunk.length > room) this.#end();
  }

  #end(): void {
    if (!this.#isOver) this.#reader?.close();
    this.#isOver = true;
  }
}

type Role = "client" | "server";

/** Two ends that have not begun TLS, and the direction to one of them. */
function wireTo(reader: Role): [StreamSocket, StreamSocket, Direction] {
  const [there, back] = [new Direction(), new Direction()];
  const near = fromStreams({
    readable: there.readable,
    writable: back.writable,
  });
  const far = fromStreams({
    readable: back.readable,
    writable: there.writable,
  });
  return reader === "client" ? [near, far, there] : [far, near, there];
}

/** What one end comes to that reads to the end: bytes, then how it ended. */
async function readToEnd(socket: StreamSocket): Promise<string> {
  let text = "";
  try {
    for (;;) {
      const chunk = await socket.recv();
      if (chunk === null) return `${text}|end`;
      text += String.fromCharCode(...chunk);
    }
  } catch (error) {
    return `${text}|${told(error)}`;
  }
}

interface Talk {
  readonly reader: Role;
  readonly minVersion: typeof VERSIONS[number];
  /** Where the wire ends, counted from its front or behind the handshake. */
  readonly limit: number;
  readonly isBehind: boolean;
}

/** What the reader comes to, and what went to it. */
async function talk(
  { reader, minVersion, limit, isBehind }: Talk,
): Promise<[outcome: string, direction: Direction]> {
  const [client, server, direction] = wireTo(reader);
  const [reading, writing] = reader === "client"
    ? [client, server]
    : [server, client];
  if (!isBehind) direction.limit = limit;
  const begun = new Map([
    [
      client,
      client.startTls({ ca: authority().cert, serverName: "localhost" }),
    ],
    [
      server,
      server.startTls({ ...localhost(), minVersion, role: "server" }),
    ],
  ]);
  const outcome = begun.get(reading)!.then(
    () => readToEnd(reading),
    (error) => `|${told(error)}`,
  );
  const said = begun.get(writing)!.then(async () => {
    if (isBehind) {
      await begun.get(reading);
      direction.sentBefore = direction.sent;
      direction.limit = direction.sent + limit;
    }
    await writing.sendAll("whole");
    await writing.close({ lingerMs: 0 });
  });
  await said.catch(() => {}); // whose words are lost may hear of it
  const came = await outcome;
  await closeAll(client, server);
  return [came, direction];
}

/** Every byte of a record of five bytes and of close_notify; one is 24 long. */
const LAST_BYTES = 64;

/** The places to cut `total` bytes at: the first few, and from `dense` on all. */
function cuts(total: number, dense: number): Set<number> {
  const chosen = new Set([0, 1, 2, 3, 4, 5, 6]);
  for (let at = 0; at < total; at += STEP_BYTES) chosen.add(at);
  for (let at = Math.max(dense, 0); at < total; at++) chosen.add(at);
  return chosen;
}

/** Plays talks side by side, a few at a time, and judges each. */
async function playAll(
  limits: Iterable<number>,
  talkOf: (limit: number) => Talk,
): Promise<void> {
  const rest = limits[Symbol.iterator]();
  const play = async (): Promise<void> => {
    for (let next; !(next = rest.next()).done;) {
      const [came, direction] = await talk(talkOf(next.value));
      const expected = direction.isCut
        ? /^((whole)?\|TLS_TRUNCATED|\|TLS_CLOSED)$/
        : /^whole\|end$/;
      assert.match(came, expected, `cut at ${next.value}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, play));
}

for (const reader of ["client", "server"] as const) {
  for (const minVersion of VERSIONS) {
    test(
      `an end is told of nothing that is cut, from a ${minVersion} wire to a ${reader}`,
      async () => {
        const whole = { reader, minVersion, limit: Infinity };
        const [came, { sent, sentBefore }] = await talk({
          ...whole,
          isBehind: true,
        });
        assert.equal(came, "whole|end");
        const behind = sent - sentBefore;
        assert.ok(behind > 40, `${behind} bytes behind the handshake`);
        await playAll(
          cuts(behind, behind - LAST_BYTES),
          (limit) => ({ ...whole, limit, isBehind: true }),
        );
        await playAll(
          cuts(sentBefore, sentBefore),
          (limit) => ({ ...whole, limit, isBehind: false }),
        );
      },
      { skip, timeoutMs: 60_000 },
    );
  }
}
