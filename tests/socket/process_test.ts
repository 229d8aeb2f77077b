/** When sockets let the process end, and what a close takes of it. */

import assert from "node:assert/strict";
import { listen } from "../../mod.ts";
import { startProgram } from "../examples/programs.ts";
import { test } from "../harness.ts";

const ways = [
  ["accepted", "an accept with a deadline is over and the listener unref'ed"],
  ["received", "calls with deadlines are over and the socket unref'ed"],
  ["ended", "both directions have ended"],
  ["waiting", "receives with deadlines wait on sockets that are unref'ed"],
] as const;

for (const [way, title] of ways) {
  test(`a process ends when ${title}`, async () => {
    const program = startProgram("tests/fixtures/socket/ends.ts", way);
    try {
      const { code, stderr } = await program.ended;
      assert.deepEqual([code, stderr], [0, ""]);
    } finally {
      await program.stop();
    }
  });
}

const closes = [
  ["awaited", "close has been awaited"],
  ["exited", "it exits right after close"],
  ["unread", "input was unread at close"],
  ["forgotten", "nobody waits for close"],
] as const;

for (const [way, title] of closes) {
  test(`a process ends soon and has lost nothing when ${title}`, async () => {
    const listener = await listen("127.0.0.1:0");
    const program = await startClosing(way, listener);
    try {
      const [sock] = await listener.accept();
      await sock.sendAll(new Uint8Array(300_000));
      const { code, stderr } = await program.ended;
      assert.deepEqual([code, stderr], [0, ""]);
      const bytes = await sock.recvExactly(1_000_000);
      assert.equal(bytes.every((byte) => byte === 7), true);
      assert.equal(await sock.recv(), null);
      await sock.close();
    } finally {
      await listener.close();
      await program.stop();
    }
  });
}

test("a process ends at once when an unref'ed socket has much to flush", async () => {
  const listener = await listen("127.0.0.1:0");
  const program = await startClosing("unflushed", listener);
  try {
    const [sock] = await listener.accept();
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    await sock.close({ lingerMs: 0 });
  } finally {
    await listener.close();
    await program.stop();
  }
});

function startClosing(
  way: string,
  listener: { getSockName(): unknown },
): ReturnType<typeof startProgram> {
  const { port } = listener.getSockName() as { readonly port: number };
  return startProgram("tests/fixtures/socket/closes.ts", way, String(port));
}
