/**
 * Three chat servers behind a real HAProxy, with a real nats-server between
 * them: one is killed, its guests come back, and nobody else notices.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { connect, type StreamSocket } from "../../mod.ts";
import { framed, type FramedSocket, lines } from "../../src/framing/mod.ts";
import { type Program, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import {
  environment,
  repositoryRoot,
  spawnRuntime,
  thisRuntime,
} from "../runtimes.ts";
import { reservedPort } from "../support/reserved_port.ts";
import { DENO_FLAGS, missing, realServer } from "./servers.ts";

const NAMES = ["one", "two", "three"];
const GUESTS = 6;
/** How many lines each guest says before, and after. */
const LINES = 50;

interface Running {
  readonly child: ChildProcess;
  readonly program: Program;
  readonly port: number;
}

async function startChat(name: string, natsPort: number): Promise<Running> {
  const script = "examples/cluster_chat/chat_server.ts";
  const args = [name, "0", `${natsPort}`];
  const options = { denoFlags: DENO_FLAGS };
  const child = spawnRuntime(thisRuntime(), script, args, options);
  const program = watch(child);
  const [, port] = await program.printed(/Listening on .*:(\d+)/);
  return { child, program, port: Number(port) };
}

async function stop(child: ChildProcess, program: Program): Promise<void> {
  child.kill("SIGKILL");
  await program.ended;
}

/** Somebody who says lines, hears all, and comes back when he is cut off. */
class Guest {
  readonly heard: string[] = [];
  readonly servers: string[] = [];
  readonly #port: number;
  #frames: FramedSocket<string> | undefined;
  #sock: StreamSocket | undefined;
  #isOver = false;
  #run: Promise<void> = Promise.resolve();
  #onHello: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Settles once a server has said hello. */
  come(): Promise<void> {
    const greeted = new Promise<void>((resolve) => this.#onHello = resolve);
    this.#run = this.#stay();
    return greeted;
  }

  async #stay(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#visit();
      } catch {
        // Cut off, or nobody is there yet.
      }
      await this.#sock?.close({ lingerMs: 0 });
    }
  }

  async #visit(): Promise<void> {
    const address = { hostname: "127.0.0.1", port: this.#port };
    this.#sock = await connect(address);
    const frames = framed(this.#sock, lines());
    const hello = await frames.recv();
    const [, name] = /^hello 127\.0\.0\.1:\d+, this is (\w+)$/
      .exec(hello ?? "") ?? [];
    if (name === undefined) return;
    this.#frames = frames;
    this.servers.push(name);
    this.#onHello();
    for await (const line of frames) this.heard.push(line);
  }

  async say(text: string): Promise<void> {
    await this.#frames?.send(text);
  }

  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#sock?.close({ lingerMs: 0 });
    await this.#run;
  }
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("guests of a cluster of chat servers outlive one of them", async () => {
  const nats = await realServer(
    (port) => ["nats-server", "-a", "127.0.0.1", "-p", `${port}`],
    /Server is ready/,
  );
  await nats.start();
  const chats = await Promise.all(
    NAMES.map((name) => startChat(name, nats.port)),
  );
  const port = await reservedPort();
  const config = join(repositoryRoot(), "examples/cluster_chat/haproxy.cfg");
  const [ONE, TWO, THREE] = chats.map((each) => `${each.port}`);
  const proxyChild = spawn("haproxy", ["-f", config], {
    env: { ...environment(), CHAT_PORT: `${port}`, ONE, TWO, THREE },
  });
  const proxy = watch(proxyChild);
  const guests = Array.from({ length: GUESTS }, () => new Guest(port));
  try {
    for (const guest of guests) await guest.come();
    // Each server has its share.
    const shares = NAMES.map((name) =>
      guests.filter(({ servers }) => servers[0] === name)
    );
    assert.deepEqual(shares.map(({ length }) => length), [2, 2, 2]);
    const [lost = [], ...others] = shares;
    const living = others.flat();

    const talk = async (part: string): Promise<void> => {
      for (let i = 0; i < LINES; i++) {
        await Promise.all(
          living.map((guest, k) => guest.say(`${part} ${k} ${i}`)),
        );
        if (part === "amid" && i === 10) {
          await stop(chats[0]!.child, chats[0]!.program);
        }
      }
    };
    await talk("before");
    await talk("amid");
    await until(() => lost.every(({ servers }) => servers.length === 2));
    await talk("after");
    for (const guest of lost) await guest.say("back");

    const whole = ["before", "amid", "after"].flatMap((part) =>
      Array.from({ length: LINES }, (_, i) => `${part} # ${i}`)
    );
    const heardFrom = ({ heard }: Guest, k: number): string[] =>
      heard.flatMap((line) => {
        const [part, from, i] = line.split(" ");
        return from === `${k}` ? [`${part} # ${i}`] : [];
      });
    const last = living.map((_, k) => `after ${k} ${LINES - 1}`);
    await until(() =>
      guests.every(({ heard }) =>
        last.every((line) => heard.includes(line)) &&
        heard.filter((line) => line === "back").length === lost.length
      )
    );
    for (const guest of living) {
      // Nobody else has noticed: not moved, nothing missing, all in order.
      assert.equal(guest.servers.length, 1);
      living.forEach((_, k) => assert.deepEqual(heardFrom(guest, k), whole));
    }
    for (const guest of lost) {
      assert.notEqual(guest.servers[1], "one");
      living.forEach((_, k) =>
        assert.deepEqual(
          heardFrom(guest, k).filter((line) => line.startsWith("after")),
          whole.slice(-LINES),
        )
      );
    }
  } finally {
    await Promise.all(guests.map((guest) => guest.leave()));
    await stop(proxyChild, proxy);
    for (const { child, program } of chats) await stop(child, program);
    await nats.stop();
  }
}, { skip: missing("haproxy", "nats-server"), timeoutMs: 60_000 });
