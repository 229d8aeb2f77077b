import assert from "node:assert/strict";
import type { Socket } from "node:net";
import {
  call,
  type Peer,
  portOf,
  startProgram,
  withServer,
} from "../examples/programs.ts";
import { test } from "../harness.ts";
import { reservedPort } from "../support/reserved_port.ts";

/** Connections that the program accepts in this order. */
async function callInTurn(port: number, count: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  while (peers.length < count) peers.push(await call(port));
  return peers;
}

test("select_chat passes each line to all the others", async () => {
  const program = startProgram("examples/select_chat.ts", "0");
  try {
    const port = await portOf(program);
    // Who is heard came last, so that all others are in.
    const [ada, bob, eve] = await callInTurn(port, 3);
    eve!.socket.write("eve is here\n");
    await Promise.all([
      ada!.heard("eve is here\n"),
      bob!.heard("eve is here\n"),
    ]);
    ada!.socket.write("hel");
    bob!.socket.write("zwei Bücher\n");
    await ada!.heard("zwei Bücher\n");
    ada!.socket.write("lo\n");
    await bob!.heard("hello\n");
    eve!.socket.destroy();
    ada!.socket.write("still there?\n");
    await bob!.heard("still there?\n");
    await bob!.leave();
    await ada!.leave();
    assert.equal(await ada!.all, "eve is here\nzwei Bücher\n");
    assert.equal(await bob!.all, "eve is here\nhello\nstill there?\n");
  } finally {
    await program.stop();
  }
});

test("select_chat goes on when a guest resets or never reads", async () => {
  const program = startProgram("examples/select_chat.ts", "0");
  try {
    const port = await portOf(program);
    const [deaf, rude, talker, listener] = await callInTurn(port, 4);
    deaf!.socket.pause();
    // Deno's node:net tells a reset of our own as an error.
    rude!.socket.on("error", () => {});
    listener!.socket.write("all are in\n");
    await talker!.heard("all are in\n");
    rude!.socket.resetAndDestroy();
    const line = `${"x".repeat(8_191)}\n`;
    for (let i = 0; i < 50; i++) talker!.socket.write(line);
    talker!.socket.write("the end\n");
    await listener!.heard("the end\n");
    deaf!.socket.destroy();
    await talker!.leave();
    await listener!.leave();
    assert.equal((await listener!.all).length, 50 * 8_192 + 8);
  } finally {
    await program.stop();
  }
});

test("port_scan finds the ports that are open among 500", async () => {
  await withServer((socket) => socket.destroy(), async (port) => {
    const first = Math.min(Math.max(1, port - 250), 65_536 - 500);
    const program = startProgram("examples/port_scan.ts", `${first}`, "500");
    const { code, stdout, stderr } = await program.ended;
    assert.equal(stderr, "");
    assert.match(stdout, new RegExp(`^${port} is open$`, "m"));
    assert.match(stdout, /^\d+ of 500 ports are open$/m);
    assert.equal(code, 0);
  });
}, { timeoutMs: 30_000 });

/** What a client begins with that is not to be read before `release`. */
const SLOW = 1;

/** A server that counts what it reads, and stops reading while it may not. */
function slowServer(): { serve(socket: Socket): void; release(): void } {
  const paused: Socket[] = [];
  return {
    serve(socket) {
      let count = 0;
      socket.on("data", (chunk) => {
        if (count === 0 && chunk[0] === SLOW) {
          socket.pause();
          paused.push(socket);
        }
        count += chunk.length;
      });
      socket.on("end", () => socket.end(`${count} bytes came`));
    },
    release() {
      for (const socket of paused) socket.resume();
    },
  };
}

const FLOOD_PIECES = 1_024;
const PIECE_BYTES = 65_536;

/** Writes 64 MiB and ends; the count of bytes that are gone grows meanwhile. */
function flood({ socket }: Peer, first: number): { bytesGone: number } {
  const progress = { bytesGone: 0 };
  void (async () => {
    const piece = new Uint8Array(PIECE_BYTES).fill(first);
    for (let i = 0; i < FLOOD_PIECES; i++) {
      await new Promise((done) => socket.write(piece, done));
      progress.bytesGone += piece.length;
    }
    socket.end();
  })();
  return progress;
}

test("proxy keeps one direction open when the other has ended", async () => {
  await withServer(slowServer().serve, async (port) => {
    const program = startProgram("examples/proxy.ts", `127.0.0.1:${port}`, "0");
    try {
      const client = await call(await portOf(program));
      client.socket.end("x".repeat(1_000_000));
      assert.equal(await client.all, "1000000 bytes came");
    } finally {
      await program.stop();
    }
  });
});

test("proxy stops a writer whose reader does not read", async () => {
  const { serve, release } = slowServer();
  await withServer(serve, async (target) => {
    const address = `127.0.0.1:${target}`;
    const program = startProgram("examples/proxy.ts", address, "0");
    try {
      const port = await portOf(program);
      const whole = FLOOD_PIECES * PIECE_BYTES;
      const slow = await call(port);
      const progress = flood(slow, SLOW);
      // Time enough for the slow one's bytes, if somebody took them.
      const quick = await call(port);
      flood(quick, SLOW + 1);
      assert.equal(await quick.all, `${whole} bytes came`);
      const { bytesGone } = progress;
      assert.ok(bytesGone < whole / 2, `${bytesGone} bytes went`);
      release();
      assert.equal(await slow.all, `${whole} bytes came`);
    } finally {
      await program.stop();
    }
  });
}, { timeoutMs: 60_000 });

test("proxy goes on when its target is not there", async () => {
  const port = await reservedPort();
  const program = startProgram("examples/proxy.ts", `127.0.0.1:${port}`, "0");
  try {
    const at = await portOf(program);
    for (let i = 0; i < 2; i++) {
      // Bun's node:net may tell the reset as a failure of the connect.
      const end = await call(at).then((client) => client.all)
        .catch((error: { code: string }) => error.code);
      assert.ok(end === "" || end === "ECONNRESET", end);
    }
  } finally {
    await program.stop();
  }
});
