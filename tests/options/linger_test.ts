/** `SO_LINGER`, by the word of a peer that is no part of the library. */

import assert from "node:assert/strict";
import * as a from "../../mod.ts";
import type { StreamSocket } from "../../mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { test } from "../harness.ts";
import type { PeerSocket, RawPeer } from "../support/raw_peer.ts";
import { withRawPeer } from "../support/raw_peer.ts";

const { SOL_SOCKET, SO_LINGER } = a;
const RESET = { on: true, seconds: 0 };

/** A client of the raw peer. */
async function connected(
  peer: RawPeer,
  prepare: (sock: StreamSocket) => void,
): Promise<[StreamSocket, PeerSocket]> {
  const listener = await peer.listen();
  const sock = a.socket(a.AF_INET);
  prepare(sock);
  await sock.connect(listener.address);
  return [sock, await listener.accept()];
}

test("close sends RST when SO_LINGER {1, 0} was set before connect", async () => {
  await withRawPeer(async (peer) => {
    const [sock, conn] = await connected(peer, (fresh) => {
      fresh.setSockOpt(SOL_SOCKET, SO_LINGER, RESET);
    });
    await sock.close();
    assert.equal((await conn.readAll()).end, "ECONNRESET");
  });
});

test("close sends RST when the peer has sent its FIN before", async () => {
  await withRawPeer(async (peer) => {
    const [sock, conn] = await connected(peer, (fresh) => {
      fresh.setSockOpt(SOL_SOCKET, SO_LINGER, RESET);
    });
    await conn.shutdown();
    assert.equal(await sock.recv(), null);
    await sock.close();
    assert.equal((await conn.readAll()).end, "ECONNRESET");
  });
});

test("close sends FIN when SO_LINGER was switched off again", async () => {
  await withRawPeer(async (peer) => {
    const [sock, conn] = await connected(peer, (fresh) => {
      fresh.setSockOpt(SOL_SOCKET, SO_LINGER, RESET);
      fresh.setSockOpt(SOL_SOCKET, SO_LINGER, { on: false, seconds: 0 });
    });
    const reading = conn.readAll();
    const closing = sock.close();
    assert.equal((await reading).end, "EOF");
    await conn.close();
    await closing;
  });
});

test("accepted connections close with RST when their listener lingers so", async () => {
  const server = a.socket(a.AF_INET);
  server.setSockOpt(SOL_SOCKET, SO_LINGER, new Int32Array([1, 0]));
  await server.bind(["127.0.0.1", 0]);
  await server.listen();
  await withRawPeer(async (peer) => {
    const { port } = server.getSockName() as { port: number };
    const conn = await peer.connect({ hostname: "127.0.0.1", port });
    const [accepted] = await server.accept();
    await accepted.close();
    assert.equal((await conn.readAll()).end, "ECONNRESET");
  });
  await server.close();
});

test("SO_LINGER {1, 0} makes close a reset, or is refused, when set after connect", async () => {
  await withRawPeer(async (peer) => {
    const [sock, conn] = await connected(peer, () => {});
    const set = () => sock.setSockOpt(SOL_SOCKET, SO_LINGER, RESET);
    const support = currentRuntime().supports.abortiveClose;
    if (support !== true) {
      assert.throws(set, (error: Error) => {
        assert.ok(error.message.includes(String(support)), error.message);
        return true;
      });
      await sock.close({ lingerMs: 0 });
      return;
    }
    set();
    await sock.close();
    assert.equal((await conn.readAll()).end, "ECONNRESET");
  });
});

test("a drain lasts as long as SO_LINGER says when the peer keeps its side open", async () => {
  await withRawPeer(async (peer) => {
    const [sock] = await connected(peer, (fresh) => {
      fresh.setSockOpt(SOL_SOCKET, SO_LINGER, { on: true, seconds: 3 });
    });
    const start = performance.now();
    await sock.close();
    await sock.closed;
    const elapsed = performance.now() - start;
    // Without the option it would be 2 s.
    assert.ok(elapsed >= 2_950, `${elapsed} ms`);
  });
});

test("a Unix-domain socket refuses SO_LINGER {1, 0} when asked", () => {
  const sock = a.socket(a.AF_UNIX);
  assert.throws(() => sock.setSockOpt(SOL_SOCKET, SO_LINGER, RESET), {
    code: "ENOPROTOOPT",
  });
});
