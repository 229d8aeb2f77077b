/** A peer whose process is stopped, or killed, in the middle of a transfer. */

import assert from "node:assert/strict";
import process from "node:process";
import { connect, type StreamSocket } from "../../src/socket/mod.ts";
import { portOf, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import {
  findRuntime,
  RUNTIMES,
  spawnRuntime,
  thisRuntime,
} from "../runtimes.ts";

/** The peer is on another runtime, which is never Deno on Deno. */
const next = RUNTIMES[(RUNTIMES.indexOf(thisRuntime()) + 1) % RUNTIMES.length]!;
const found = findRuntime(next);
const skip = typeof found === "string" && found;

/** More than both kernels hold. */
const MUCH = 16 * 1024 * 1024;

async function withPeer(
  args: readonly string[],
  use: (
    socket: StreamSocket,
    send: (signal: NodeJS.Signals) => void,
  ) => Promise<void>,
): Promise<void> {
  const child = spawnRuntime(next, "tests/fixtures/socket/counts.ts", args);
  const program = watch(child);
  try {
    const port = await portOf(program);
    await using socket = await connect(["127.0.0.1", port]);
    // Deno's own `child.kill` sends no SIGCONT.
    await use(socket, (signal) => void process.kill(child.pid!, signal));
  } finally {
    await program.stop();
  }
}

test("a peer that is stopped takes what was sent once it goes on", async () => {
  await withPeer([], async (socket, send) => {
    send("SIGSTOP");
    const data = new Uint8Array(MUCH);
    const error = await socket.sendAll(data, { timeoutMs: 100 })
      .then(() => undefined, (error) => error);
    assert.equal(error?.code, "ETIMEDOUT");
    // Its kernel and ours have some of it, and the program no more than that.
    assert.ok(error.bytesSent > 0 && error.bytesSent < MUCH);
    assert.equal(socket.bytesSent, error.bytesSent);
    send("SIGCONT");
    await socket.sendAll(data.subarray(error.bytesSent));
    await socket.shutdown(1);
    let text = "";
    for await (const chunk of socket) text += new TextDecoder().decode(chunk);
    assert.equal(text, `${MUCH}`);
  });
}, { skip });

test(
  "a peer that is killed with bytes unread is ECONNRESET, never an end",
  async () => {
    await withPeer(["deaf"], async (socket, send) => {
      await socket.recvExactly(100_000);
      await socket.sendAll("unread");
      send("SIGKILL");
      const reading = (async () => {
        while (await socket.recv() !== null);
        return "end";
      })();
      assert.equal(await reading.catch(({ code }) => code), "ECONNRESET");
      const sending = socket.sendAll("nobody");
      await assert.rejects(sending, { code: /^(ECONNRESET|EPIPE)$/ });
    });
  },
  { skip },
);
