/**
 * However it ends, in whatever state: one `close`, one `error` at most, nothing
 * uncaught.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { listen, SHUT_WR, type StreamSocket } from "../../mod.ts";
import { createConnection, NodeSocket } from "../../src/node/mod.ts";
import { test } from "../harness.ts";

interface State {
  readonly socket: NodeSocket;
  readonly peer?: StreamSocket;
}

type Reach = (port: number, accept: () => Promise<StreamSocket>) =>
  | State
  | Promise<State>;

async function open(
  port: number,
  accept: () => Promise<StreamSocket>,
  options: object = {},
): Promise<State & { readonly peer: StreamSocket }> {
  const socket = createConnection({
    ...{ port, host: "127.0.0.1", abortive: true },
    ...options,
  });
  socket.on("error", ignore);
  const ready = once(socket, "ready");
  const peer = await accept();
  await ready;
  return { socket, peer };
}

const STATES: Readonly<Record<string, Reach>> = {
  "not connected": () => ({ socket: new NodeSocket() }),
  "connecting": async (port, accept) => {
    const socket = createConnection(port, "127.0.0.1");
    // Whether it comes about, is for the destroy to say.
    void accept;
    await Promise.resolve();
    return { socket };
  },
  "connecting by name": () => ({ socket: createConnection(1, "no.invalid") }),
  "open": (port, accept) => open(port, accept),
  "open and paused": async (port, accept) => {
    const state = await open(port, accept);
    state.socket.pause();
    await state.peer.sendAll(new Uint8Array(100_000));
    return state;
  },
  "corked": async (port, accept) => {
    const state = await open(port, accept);
    state.socket.cork();
    state.socket.write("never");
    return state;
  },
  "full": async (port, accept) => {
    const state = await open(port, accept);
    for (let i = 0; i < 20; i++) state.socket.write(new Uint8Array(1 << 20));
    return state;
  },
  "ended by us": async (port, accept) => {
    const state = await open(port, accept);
    state.socket.end("bye");
    await once(state.socket, "finish");
    return state;
  },
  "ended by the peer": async (port, accept) => {
    const state = await open(port, accept, { allowHalfOpen: true });
    state.socket.resume();
    await state.peer.shutdown(SHUT_WR);
    await once(state.socket, "end");
    return state;
  },
  "ended by both": async (port, accept) => {
    const state = await open(port, accept);
    state.socket.resume();
    await state.peer.shutdown(SHUT_WR);
    await once(state.socket, "close");
    return state;
  },
  "reset by the peer": async (port, accept) => {
    const state = await open(port, accept);
    state.socket.resume();
    // `once` of an event that an error comes before would reject.
    const closed = new Promise((resolve) =>
      state.socket.once("close", resolve)
    );
    state.peer.reset();
    await closed;
    return state;
  },
};

for (const [name, reach] of Object.entries(STATES)) {
  test(`a socket that is ${name} is destroyed once`, async () => {
    for (const how of ["destroy", "error", "twice", "reset", "soon"]) {
      await using server = await listen("127.0.0.1:0", { abortive: true });
      const { port } = server.getSockName() as { port: number };
      const accept = async () => (await server.accept())[0];
      const { socket, peer } = await reach(port, accept);
      const told = { close: 0, error: 0 };
      socket.on("close", () => told.close++);
      socket.on("error", () => told.error++);
      const wasClosed = socket.destroyed;
      const mine = new Error("mine");
      if (how === "error") socket.destroy(mine);
      else if (how === "reset") socket.resetAndDestroy();
      else if (how === "soon") socket.destroySoon();
      else socket.destroy();
      if (how === "soon" && name === "full") socket.destroy();
      if (how === "twice") socket.destroy(mine);
      if (!wasClosed && told.close === 0) {
        await new Promise((resolve) => socket.once("close", resolve));
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
      assert.equal(told.close, wasClosed ? 0 : 1, `${how}: close`);
      const errors = how === "error" && !wasClosed ? 1 : told.error;
      assert.equal(told.error, errors, `${how}: error`);
      assert.ok(told.error <= 1, how);
      await peer?.close({ lingerMs: 0 });
    }
  });
}

const EVENTS = ["connect", "ready", "data", "drain", "end", "finish"] as const;

for (const event of EVENTS) {
  test(`nothing is uncaught when the peer vanishes at ${event}`, async () => {
    for (const how of ["reset", "close"] as const) {
      await using server = await listen("127.0.0.1:0", { abortive: true });
      const { port } = server.getSockName() as { port: number };
      const socket = createConnection({
        ...{ port, host: "127.0.0.1", abortive: true, highWaterMark: 8 },
        allowHalfOpen: event === "end" || event === "finish",
      });
      const closed = new Promise<void>((resolve) =>
        socket.once("close", () => resolve())
      );
      socket.on("error", ignore);
      const accepted = server.accept();
      let over: Promise<unknown> = Promise.resolve();
      socket.once(event, () => {
        over = accepted.then(([peer]) =>
          how === "reset" ? peer.reset() : peer.close({ lingerMs: 0 })
        );
        socket.write("goes on");
        // Whatever comes of it: reading meets the end.
        socket.resume();
        if (event === "finish" || event === "end") {
          over = over.then(() => socket.destroy());
        }
      });
      const [peer] = await accepted;
      if (event === "data") await peer.sendAll("x");
      if (event === "drain") socket.write("more than the mark");
      if (event === "end") {
        socket.resume();
        await peer.shutdown(SHUT_WR);
      }
      if (event === "finish") socket.end("x");
      await closed;
      await over;
      await peer.close({ lingerMs: 0 });
    }
  }, {
    unsanitized: "a write that was refused has the kernel looked at once more",
  });
}

function ignore(): void {}
