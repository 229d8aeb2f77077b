import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Address } from "../../src/contracts.ts";
import { adoptBunSocket, bunRuntime } from "../../src/runtime/bun.ts";
import type { BunSocket } from "../../src/runtime/bun.ts";
import type { Fault } from "../../src/runtime/seam/fault.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import { ListenerRecorder } from "../support/recorder.ts";
import { withTempDir } from "../temp.ts";
import {
  dial,
  listenHere,
  loopback,
  noise,
  record,
  sha256,
  SKIP,
  turns,
  WAYS,
  writeAll,
} from "./bun_support.ts";

const MIB = 1_048_576;

for (const [way, signal] of WAYS) {
  const connected = `a Bun stream ${way}`;

  test(
    `${connected} carries 16 MiB both ways when its reader pauses`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const data = noise(16 * MIB);
        const recorder = record(stream);
        const echoed = remote.echo();
        recorder.limit = 700_000;
        recorder.onData = () => {
          if (recorder.bytes < recorder.limit) return;
          recorder.limit += 700_000;
          // `false` is told after this; the wish comes a turn later.
          if (recorder.bytes >= recorder.limit) recorder.limit = recorder.bytes;
          setTimeout(() => stream.resume(), 0);
        };
        await writeAll(stream, recorder, data);
        await stream.shutdown();
        assert.equal(await echoed, data.length);
        await recorder.until("closed");
        assert.equal(sha256(...recorder.chunks), sha256(data));
        assert.deepEqual(recorder.events, ["data", "end", "closed"]);
      }),
    { skip: SKIP },
  );

  test(
    `${connected} still receives when its own side is shut down`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        assert.equal(stream.write(new Uint8Array(1000)), 1000);
        await stream.shutdown();
        const { bytes, end } = await remote.readAll();
        assert.deepEqual([bytes, end], [1000, "EOF"]);
        await remote.send("x", 100_000);
        await remote.close();
        await recorder.until("closed");
        assert.equal(recorder.bytes, 100_000);
        assert.deepEqual(recorder.events, ["data", "end", "closed"]);
      }),
    { skip: SKIP },
  );

  test(
    `${connected} still sends when the peer has shut down`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        await remote.shutdown();
        await recorder.until("end");
        const read = remote.readAll();
        await writeAll(stream, recorder, new Uint8Array(MIB));
        await stream.shutdown();
        const { bytes, end } = await read;
        assert.deepEqual([bytes, end], [MIB, "EOF"]);
        await recorder.until("closed");
        assert.deepEqual(recorder.events, ["end", "closed"]);
      }),
    { skip: SKIP },
  );

  for (const state of ["flows", "is paused", "has no sink yet"]) {
    test(
      `${connected} gives what came before a reset when it ${state}`,
      () =>
        withRawPeer(async (peer) => {
          const { stream, remote } = await dial(peer, signal);
          const early = state === "has no sink yet"
            ? undefined
            : record(stream);
          if (state === "is paused") stream.pause();
          await remote.send(new Uint8Array(100_000));
          await turns(peer);
          await remote.reset();
          await turns(peer);
          const recorder = early ?? record(stream);
          await recorder.until("closed");
          assert.equal(recorder.bytes, 100_000);
          assert.deepEqual(recorder.events, ["data", "ECONNRESET", "closed"]);
          assert.throws(() => stream.write(new Uint8Array(1)), {
            code: "ECONNRESET",
          });
          await assert.rejects(stream.shutdown(), { code: "ECONNRESET" });
        }),
      { skip: SKIP },
    );
  }

  for (const isShut of [false, true]) {
    const when = isShut ? "its own side is shut down" : "it is open both ways";
    test(
      `${connected} keeps data and FIN apart from a pause when ${when}`,
      () =>
        withRawPeer(async (peer) => {
          const { stream, remote } = await dial(peer, signal);
          const recorder = record(stream);
          stream.pause();
          if (isShut) await stream.shutdown();
          await remote.send(new Uint8Array(50_000));
          await remote.shutdown();
          await turns(peer);
          assert.deepEqual(recorder.events, []);
          stream.resume();
          await recorder.until("end");
          assert.equal(recorder.bytes, 50_000);
          assert.deepEqual(recorder.events.slice(0, 2), ["data", "end"]);
          stream.close();
          await recorder.until("closed");
        }),
      { skip: SKIP },
    );
  }

  test(
    `${connected} tells EPIPE behind the end when the peer is gone`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        await remote.close();
        await recorder.until("end");
        assert.equal(stream.write(new Uint8Array(10)), 10);
        await recorder.until("closed");
        assert.deepEqual(recorder.events, ["end", "EPIPE", "closed"]);
        assert.throws(() => stream.write(new Uint8Array(1)), { code: "EPIPE" });
      }),
    { skip: SKIP },
  );

  test(
    `${connected} gets no more than its chunk when the sink has enough`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        recorder.limit = 1;
        const sent = remote.send(new Uint8Array(MIB), 16);
        await recorder.until("data");
        await turns(peer);
        assert.equal(recorder.chunks.length, 1);
        assert.ok(recorder.bytes <= Number(bunRuntime().supports.maxReadAhead));
        recorder.limit = Infinity;
        stream.resume();
        await sent;
        await recorder.untilBytes(16 * MIB);
        stream.close();
        await recorder.until("closed");
        assert.equal(recorder.bytes, 16 * MIB);
      }),
    { skip: SKIP },
  );

  test(
    `${connected} takes part of a write when the kernel is full`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        stream.pause();
        const data = noise(32 * MIB);
        const digest = sha256(data);
        let taken = await stream.write(data);
        assert.ok(taken > 0 && taken < data.length, `${taken}`);
        assert.equal(stream.write(data.subarray(taken)), 0);
        // What was taken is the kernel's: the memory is free again.
        data.fill(0, 0, taken);
        const fresh = noise(data.length);
        assert.equal(recorder.rooms, 0);
        const room = recorder.room();
        const read = remote.readAll();
        await room;
        taken += await stream.write(fresh.subarray(taken, taken + 1));
        await writeAll(stream, recorder, fresh.subarray(taken));
        await stream.shutdown();
        assert.equal((await read).sha256, digest);
        stream.close();
        await recorder.until("closed");
      }),
    { skip: SKIP },
  );

  test(
    `${connected} delivers what the kernel took when it is closed`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        const taken = await stream.write(new Uint8Array(MIB));
        stream.close();
        assert.deepEqual(recorder.events, [], "not before close() returns");
        stream.close();
        await recorder.until("closed");
        const { bytes, end } = await remote.readAll();
        assert.deepEqual([bytes, end], [taken, "EOF"]);
        assert.deepEqual(recorder.events, ["closed"]);
      }),
    { skip: SKIP },
  );

  for (const isShut of [false, true]) {
    const when = isShut ? "after its FIN" : "while open";
    test(
      `${connected} sends RST when reset ${when}`,
      () =>
        withRawPeer(async (peer) => {
          const { stream, remote } = await dial(peer, signal);
          const recorder = record(stream);
          if (isShut) await stream.shutdown();
          if (isShut) assert.equal(await remote.recv(), null);
          stream.reset();
          await recorder.until("closed");
          assert.deepEqual(recorder.events, ["closed"]);
          // The kernel says EPIPE for a reset that follows a FIN.
          if (isShut) assert.equal(await remote.takeError(), "EPIPE");
          else assert.equal((await remote.readAll()).end, "ECONNRESET");
        }),
      { skip: SKIP },
    );
  }

  test(
    `${connected} fails alone when its sink throws`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const other = await dial(peer, signal);
        const recorder = record(stream);
        const survivor = record(other.stream);
        const mistake = new Error("a mistake of the sink");
        let told: Fault | undefined;
        recorder.onData = () => {
          throw mistake;
        };
        const { failed } = recorder;
        recorder.failed = (fault) => failed.call(recorder, told = fault);
        await remote.send("x");
        await recorder.until("closed");
        assert.deepEqual(recorder.events, ["data", "ECONNABORTED", "closed"]);
        assert.equal(told?.cause, mistake);
        await other.remote.send("y");
        await survivor.untilBytes(1);
        other.stream.close();
        await survivor.until("closed");
      }),
    { skip: SKIP },
  );

  test(
    `${connected} gives its native socket back when detached`,
    () =>
      withRawPeer(async (peer) => {
        const { stream, remote } = await dial(peer, signal);
        const recorder = record(stream);
        const native = stream.detach() as BunSocket;
        assert.deepEqual(recorder.events, ["closed"]);
        await remote.send("kept");
        await turns(peer);
        const again = record(adoptBunSocket(native));
        await again.untilBytes(4);
        assert.equal(again.text, "kept");
        native.close!();
        await again.until("closed");
      }),
    { skip: SKIP },
  );
}

test(
  "a Bun listener names both ends when a peer connects",
  () =>
    withRawPeer(async (peer) => {
      const hosts = ["127.0.0.1", "0.0.0.0", "::1", "::"];
      for (const hostname of hosts) {
        const family = hostname.includes(":") ? "ipv6" : "ipv4";
        const listener = await listenHere({ family, hostname, port: 0 });
        const recorder = new ListenerRecorder(listener);
        const { localAddress } = listener;
        assert.ok(localAddress.family === family && localAddress.port > 0);
        const to = family === "ipv6" ? "::1" : "127.0.0.1";
        const remote = await peer.connect({ ...localAddress, hostname: to });
        const { stream, recorder: it } = await recorder.next();
        const { hostname: host, port } = remote.localAddress;
        assert.deepEqual(stream.remoteAddress, {
          family,
          hostname: host,
          port,
        });
        assert.deepEqual(stream.localAddress(), {
          ...localAddress,
          hostname: to,
        });
        const echoed = remote.recvExactly(3);
        await remote.send("abc");
        await it.untilBytes(3);
        stream.write(it.chunks[0]!);
        assert.equal(new TextDecoder().decode(await echoed), "abc");
        stream.close();
        listener.close();
        await Promise.all([it.until("closed"), recorder.until("closed")]);
      }
    }),
  { skip: SKIP },
);

test("a Bun listener hands a peer over when it is gone already", async () => {
  const listener = await listenHere();
  const recorder = new ListenerRecorder(listener);
  const { port } = listener.localAddress as { port: number };
  // Synchronous, so that the reset comes before the connection is accepted.
  const { status } = spawnSync("python3", ["-c", RESET_AT_ONCE, `${port}`]);
  assert.equal(status, 0);
  const { stream, recorder: it } = await recorder.next();
  await it.until("closed");
  assert.equal(stream.remoteAddress, undefined);
  assert.deepEqual(it.events, ["data", "ECONNRESET", "closed"]);
  assert.equal(it.text, "abc");
  listener.close();
  await recorder.until("closed");
}, { skip: SKIP });

const RESET_AT_ONCE = `
import socket, struct, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"abc")
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()
`;

test(
  "a Bun listener leaves its connections alive when closed",
  () =>
    withRawPeer(async (peer) => {
      const listener = await listenHere();
      const recorder = new ListenerRecorder(listener);
      const remote = await peer.connect(listener.localAddress as never);
      const { stream, recorder: it } = await recorder.next();
      listener.close();
      assert.deepEqual(recorder.events, ["connection"]);
      listener.close();
      await recorder.until("closed");
      assert.deepEqual(recorder.events, ["connection", "closed"]);
      await remote.send("still here");
      await it.untilBytes(10);
      const again = await listenHere(listener.localAddress);
      const second = new ListenerRecorder(again);
      again.close();
      stream.close();
      await Promise.all([it.until("closed"), second.until("closed")]);
    }),
  { skip: SKIP },
);

test(
  "a Bun listener goes on when its sink throws",
  () =>
    withRawPeer(async (peer) => {
      const listener = await listenHere();
      const recorder = new ListenerRecorder(listener);
      const { connection } = recorder;
      recorder.connection = () => {
        throw new Error("a mistake of the sink");
      };
      const first = await peer.connect(listener.localAddress as never);
      await recorder.until("ECONNABORTED");
      assert.equal((await first.readAll()).bytes, 0);
      recorder.connection = connection;
      await peer.connect(listener.localAddress as never);
      const { stream, recorder: it } = await recorder.next();
      stream.close();
      listener.close();
      await Promise.all([it.until("closed"), recorder.until("closed")]);
    }),
  { skip: SKIP },
);

test(
  "a Bun stream may be closed when it is being told something",
  () =>
    withRawPeer(async (peer) => {
      for (const moment of ["connection", "data", "end"]) {
        const listener = await listenHere();
        const recorder = new ListenerRecorder(listener);
        const { connection } = recorder;
        recorder.connection = (stream) => {
          connection.call(recorder, stream);
          const { recorder: it } = recorder.accepted[0]!;
          const { end } = it;
          if (moment === "connection") stream.close();
          if (moment === "data") it.onData = () => stream.close();
          it.end = () => {
            end.call(it);
            stream.close();
          };
        };
        const remote = await peer.connect(listener.localAddress as never);
        const read = remote.readAll();
        if (moment !== "connection") await remote.send("x");
        if (moment === "end") await remote.shutdown();
        const { recorder: it } = await recorder.next();
        await it.until("closed");
        const seen = { connection: [], data: ["data"], end: ["data", "end"] };
        const expected = seen[moment as keyof typeof seen];
        assert.deepEqual(it.events, [...expected, "closed"], moment);
        assert.equal((await read).end, "EOF");
        listener.close();
        await recorder.until("closed");
      }
    }),
  { skip: SKIP },
);

test(
  "a Bun listener removes its Unix path when closed",
  () =>
    withTempDir(async (dir) => {
      const path = join(dir, "s");
      for (const name of [path, "\0anysock-bun-driver"]) {
        const address: Address = { family: "unix", path: name };
        const listener = await listenHere(address);
        const recorder = new ListenerRecorder(listener);
        for (const [, signal] of WAYS) {
          const stream = await bunRuntime().connect({ address, signal });
          const mine = record(stream);
          const { stream: other, recorder: it } = await recorder.next();
          assert.deepEqual(stream.remoteAddress, address);
          assert.deepEqual(stream.localAddress(), { family: "unix", path: "" });
          assert.deepEqual(other.localAddress(), address);
          assert.equal(stream.write(new Uint8Array(10)), 10);
          await stream.shutdown();
          await it.until("end");
          assert.equal(other.write(new Uint8Array(20)), 20);
          await other.shutdown();
          await Promise.all([mine.until("closed"), it.until("closed")]);
          assert.equal(mine.bytes, 20);
          assert.throws(() => stream.setOption("noDelay", 1), {
            code: "ENOPROTOOPT",
          });
          assert.throws(() => stream.reset(), { code: "EOPNOTSUPP" });
        }
        listener.close();
        await recorder.until("closed");
        assert.equal(existsSync(name), false);
      }
    }),
  { skip: SKIP },
);

test(
  "a Bun connect has the local address when one is asked for",
  () =>
    withRawPeer(async (peer) => {
      const listener = await peer.listen();
      const address = loopback(listener.address.port);
      for (const [, signal] of WAYS) {
        const localAddress = {
          ...loopback(),
          hostname: "127.0.0.5",
        } as Address;
        const options = { address, localAddress, signal };
        const stream = await bunRuntime().connect(options);
        const recorder = record(stream);
        const { remoteAddress: seen } = await listener.accept();
        assert.equal(seen.hostname, "127.0.0.5");
        assert.deepEqual(stream.localAddress(), { family: "ipv4", ...seen });
        stream.close();
        await recorder.until("closed");
      }
    }),
  { skip: SKIP },
);

test("a Bun connect rejects with the reason when it is aborted", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const connecting = bunRuntime().connect({ address: loopback(1), signal });
  await assert.rejects(connecting, reason);
}, { skip: SKIP });

test(
  "an accepted Bun stream is not given away when asked to",
  () =>
    withRawPeer(async (peer) => {
      const listener = await listenHere();
      const recorder = new ListenerRecorder(listener);
      await peer.connect(listener.localAddress as never);
      const { stream, recorder: it } = await recorder.next();
      assert.throws(() => stream.detach(), { code: "EOPNOTSUPP" });
      const accepted = { listener: {} } as BunSocket;
      assert.throws(() => adoptBunSocket(accepted), { code: "EOPNOTSUPP" });
      stream.close();
      listener.close();
      await Promise.all([it.until("closed"), recorder.until("closed")]);
    }),
  { skip: SKIP },
);

for (const kept of ["none", "listener", "accepted", "client"]) {
  for (const way of ["native", "signal"]) {
    const what = `${kept} of a Bun connection (${way})`;
    test(`${what} keeps the process alive when the others are let go`, () => {
      const script = "tests/fixtures/bun_driver/keep_alive.ts";
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [join(repositoryRoot(), script), kept, way],
        { encoding: "utf8" },
      );
      assert.equal(stderr, "");
      assert.equal(stdout, kept === "none" ? "" : "alive\n");
    }, { skip: SKIP });
  }
}
