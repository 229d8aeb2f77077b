/**
 * Steps that several laws of polling take.
 *
 * @module
 */

import { MSG_PEEK, MSG_WAITALL } from "../../constants.ts";
import { SocketError } from "../../errors.ts";
import type { Pollable, SelectorKey } from "../../polling/mod.ts";
import type { Listener, StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  later,
  LawBroken,
  rejectsWith,
  same,
  until,
} from "../expect.ts";
import type { LawBench } from "../law.ts";
import { select } from "../library.ts";
import { BOUNDLESS_BYTES, deadAddress } from "./kit.ts";

/** In which lists a poll gives a socket back: `"rwx"`, `"w"`, `""`… */
export async function poll(socket: Pollable): Promise<string> {
  const found = await select([socket], [socket], [socket], 0);
  return [..."rwx"].filter((_, i) => found[i]?.length === 1).join("");
}

/** Polls until a poll gives the socket back in just these lists. */
export async function polledAs(
  socket: Pollable,
  lists: string,
): Promise<void> {
  let found = await poll(socket);
  while (found !== lists) found = await poll(socket);
}

/** @throws {LawBroken} unless a poll gives the socket back in these lists. */
export async function samePoll(
  socket: Pollable,
  lists: string,
  when: string,
): Promise<void> {
  same(await poll(socket), lists, `the lists of a poll ${when}`);
}

/** No room for so long counts as none at all. */
const QUIET_MS = 100;

/**
 * Sends until the kernel and the queue take nothing for a while, and gives
 * how much went.
 */
export async function fillKernel(socket: StreamSocket): Promise<number> {
  const piece = new Uint8Array(65_536);
  let sent = 0;
  let isOver = false;
  while (!isOver) {
    const before = sent;
    let count = socket.trySend(piece);
    while (count !== undefined && sent <= BOUNDLESS_BYTES) {
      sent += count;
      count = socket.trySend(piece);
    }
    if (sent > BOUNDLESS_BYTES) {
      throw new LawBroken(`${sent} bytes went to a reader that never reads`);
    }
    const [, writers] = await select([], [socket], [], QUIET_MS);
    // What went meanwhile has left room in the queue.
    isOver = writers.length === 0 && sent === before;
  }
  return sent;
}

/** A connection that waits is accepted. */
export async function acceptNow(
  bench: LawBench,
  listener: Listener,
): Promise<StreamSocket> {
  const [socket] = await until(() => listener.tryAccept());
  return bench.keep(socket);
}

/** The code of an error of the family. */
export function codeOf(error: unknown): string {
  ensure(error instanceof SocketError, `no SocketError: ${String(error)}`);
  return error.code;
}

/** Two sockets as somebody may see them after a deadly blow to one of them. */
export interface Blow {
  /** What happened. */
  readonly what: string;
  /** The one that is dead. */
  readonly dead: Pollable;
  /** One that is not, with bytes in hand. */
  readonly living: StreamSocket;
}

/** Every way to die that such streams know, each beside one that lives. */
export async function blows(bench: LawBench): Promise<readonly Blow[]> {
  const [living, friend] = await bench.pair();
  await friend.sendAll("alive");
  await select([living], [], []);
  const [closed] = await bench.pair();
  await closed.close({ lingerMs: 0 });
  const listener = await bench.listen();
  await listener.close();
  const failed = bench.socket();
  const to = await deadAddress(bench);
  await failed.connect(to, { timeoutMs: 0 }).catch(codeOf);
  await select([], [], [failed]);
  const all: Blow[] = [
    { what: "a closed stream", dead: closed, living },
    { what: "a closed listener", dead: listener, living },
    { what: "a failed connect", dead: failed, living },
  ];
  if (bench.maker.lacks?.reset !== undefined) return all;
  const [victim, resetter] = await bench.pair("server");
  resetter.reset();
  await select([], [], [victim]);
  const [self] = await bench.pair("client");
  self.reset();
  return [
    ...all,
    { what: "a stream that its peer reset", dead: victim, living },
    { what: "a stream that was reset here", dead: self, living },
  ];
}

/** The events that a `Selector` gave, one number for each key. */
export function eventsOf(
  found: readonly (readonly [SelectorKey, number])[],
): string {
  return found.map(([, events]) => events).join();
}

/** Every receive that would wait, by the method's name. */
export function receives(
  socket: StreamSocket,
): readonly (readonly [op: string, call: Promise<unknown>])[] {
  const memory = new Uint8Array(4);
  return [
    ["recv", socket.recv()],
    ["recv", socket.recv(4, MSG_PEEK)],
    ["recv", socket.recv(4, MSG_WAITALL)],
    ["recvInto", socket.recvInto(memory)],
    ["recvExactly", socket.recvExactly(4)],
    ["recvUntil", socket.recvUntil("\n")],
    ["recv", socket[Symbol.asyncIterator]().next()],
  ];
}

/** @throws {LawBroken} unless every call rejects with the code. */
export async function sameRefusals(
  calls: readonly (readonly [string, Promise<unknown>])[],
  code: string,
): Promise<void> {
  for (const [, call] of calls) later(call);
  for (const [op, call] of calls) await rejectsWith(call, code, op);
}
