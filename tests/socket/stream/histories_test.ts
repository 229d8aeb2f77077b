/**
 * Random histories: two ends do what they like, in any order, and what one has
 * sent is what the other gets, whole and in order, up to its end.
 */

import assert from "node:assert/strict";
import { SHUT_WR } from "../../../src/constants.ts";
import {
  connect,
  listen,
  type ListenOptions,
  type StreamSocket,
} from "../../../src/socket/mod.ts";
import { Dice } from "../../../src/testing/dice.ts";
import { test } from "../../harness.ts";

const HISTORIES = 150;
const STEPS = 12;

/** One end, and what it has done. */
class End {
  readonly socket: StreamSocket;
  sent = "";
  got = "";
  hasEnded = false;
  #count = 0;
  readonly #name: string;

  constructor(name: string, socket: StreamSocket) {
    this.#name = name;
    this.socket = socket;
  }

  /** One step, such as the dice say. */
  async step(dice: Dice): Promise<string> {
    const which = upTo(dice, 7);
    if (which === 1) return await this.#end();
    if (which === 2) return this.#trySend();
    if (which === 3) return this.#tryRecv();
    if (which === 4) return await turn();
    if (which === 5) return await this.#recv();
    return await this.#sendAll();
  }

  #words(): string {
    return `${this.#name}${this.#count++};`;
  }

  async #end(): Promise<string> {
    this.hasEnded = true;
    await this.socket.shutdown(SHUT_WR);
    return "end";
  }

  async #sendAll(): Promise<string> {
    if (this.hasEnded) return "nothing";
    const words = this.#words();
    this.sent += words;
    await this.socket.sendAll(words);
    return "sendAll";
  }

  #trySend(): string {
    if (this.hasEnded) return "nothing";
    const words = this.#words();
    const count = this.socket.trySend(words) ?? 0;
    this.sent += words.slice(0, count);
    return `trySend ${count}`;
  }

  #tryRecv(): string {
    const bytes = this.socket.tryRecv();
    if (bytes) this.got += text(bytes);
    return "tryRecv";
  }

  async #recv(): Promise<string> {
    const bytes = await this.socket.recv({ timeoutMs: 1 }).catch(ifLate);
    if (bytes) this.got += text(bytes);
    return "recv";
  }

  /** Ends its side, and reads the rest. */
  async finish(): Promise<void> {
    await this.socket.shutdown(SHUT_WR);
    let bytes = await this.socket.recv();
    while (bytes !== null) {
      this.got += text(bytes);
      bytes = await this.socket.recv();
    }
  }
}

/** From 1 to `most`, each equally likely. */
function upTo(dice: Dice, most: number): number {
  return 1 + Math.floor(dice.next() * most);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function ifLate(error: { readonly code?: string }): undefined {
  if (error.code !== "ETIMEDOUT") throw error;
}

async function turn(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  return "turn";
}

async function live(seed: number, options: ListenOptions): Promise<void> {
  const dice = new Dice(seed);
  const listener = await listen("127.0.0.1:0", options);
  const socket = await connect(listener.getSockName());
  const client = new End("c", socket);
  const steps: string[] = [];
  try {
    // Some of it happens before anybody accepts.
    for (let i = upTo(dice, 4); i > 1; i--) {
      steps.push(`client ${await client.step(dice)}`);
    }
    const server = new End("s", (await listener.accept())[0]);
    try {
      for (let i = 0; i < STEPS; i++) {
        const isClient = upTo(dice, 2) === 1;
        const end = isClient ? client : server;
        steps.push(`${isClient ? "client" : "server"} ${await end.step(dice)}`);
      }
      await Promise.all([client.finish(), server.finish()]);
      assert.equal(server.got, client.sent);
      assert.equal(client.got, server.sent);
    } finally {
      await server.socket.close();
    }
  } catch (cause) {
    throw new Error(`seed ${seed}: ${steps.join(", ")}`, { cause });
  } finally {
    await Promise.all([client.socket.close(), listener.close()]);
  }
}

const KINDS: Readonly<Record<string, ListenOptions>> = {
  "a listener": {},
  "an abortive listener": { abortive: true },
};

for (const [kind, options] of Object.entries(KINDS)) {
  test(
    `${HISTORIES} random histories lose and mix nothing over ${kind}`,
    async () => {
      for (let seed = 1; seed <= HISTORIES; seed++) await live(seed, options);
    },
    { timeoutMs: 60_000 },
  );
}
