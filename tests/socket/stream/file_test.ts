/** Files over a raw stream that takes as many bytes as it is told to. */

import assert from "node:assert/strict";
import { FOREVER } from "../../../src/deadline.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import type {
  RawStream,
  StreamSink,
} from "../../../src/runtime/seam/stream.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import { webStreamsRuntime } from "../../../src/runtime/web_streams.ts";
import { Connection } from "../../../src/socket/stream/connection.ts";
import { SocketFile } from "../../../src/socket/file/socket_file.ts";
import { test } from "../../harness.ts";

/** A peer that has room for so many bytes, and keeps what it got. */
class Narrow {
  text = "";
  room = 0;
  #sink: StreamSink | undefined;
  readonly remoteAddress = undefined;
  readonly writesAtOnce = true;

  attach(sink: StreamSink): void {
    this.#sink = sink;
  }

  write(data: Uint8Array): number {
    const taken = data.subarray(0, this.room);
    this.room -= taken.length;
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }

  widen(bytes: number): void {
    this.room += bytes;
    this.#sink?.writable();
  }

  resume(): void {}

  close(): void {
    this.#sink?.closed();
  }
}

function narrow(): {
  peer: Narrow;
  connection: Connection;
  file: SocketFile<string>;
} {
  const peer = new Narrow();
  const runtime: Runtime = webStreamsRuntime();
  const connection = new Connection(peer as unknown as RawStream, runtime);
  const io = {
    connected: connection,
    connection: () => connection,
    wait: () => FOREVER,
  };
  const release = () => {};
  const options = { encoding: "utf-8", bufferSize: 0 } as const;
  const file = SocketFile.create<string>(io, "rw", options, () => release);
  return { peer, connection, file };
}

async function end(connection: Connection): Promise<void> {
  connection.failed(new Fault("ECONNRESET", undefined, ""));
  await connection.close(0);
}

test("an aborted file write counts its own bytes when another send follows at once", async () => {
  const { peer, connection, file } = narrow();
  peer.room = 3;
  const controller = new AbortController();
  const { signal } = controller;
  const writing = file.write("abcdef", { signal });
  // Registered after the call's own listener: here the call is over already.
  signal.addEventListener("abort", () => {
    peer.room = 2;
    connection.sender.trySend("trySend", new Uint8Array([33, 33]));
  });
  controller.abort("why");
  await assert.rejects(writing, (reason) => reason === "why");
  assert.equal(peer.text, "abc!!");
  peer.widen(100);
  await file.flush();
  assert.equal(peer.text, "abc!!def");
  await end(connection);
});

test("a timed-out file write counts its own bytes when another send follows at once", async () => {
  const { peer, connection, file } = narrow();
  peer.room = 3;
  const writing = file.write("abcdef", { timeoutMs: 0 });
  // The call is over; what it rejects with is not told yet.
  peer.room = 2;
  connection.sender.trySend("trySend", new Uint8Array([33, 33]));
  await assert.rejects(writing, { code: "EAGAIN", bytesSent: 3 });
  peer.widen(100);
  await file.flush();
  assert.equal(peer.text, "abc!!def");
  await end(connection);
});

test("a file's close sends what a failed write left when both overlap", async () => {
  const { peer, connection, file } = narrow();
  peer.room = 2;
  const controller = new AbortController();
  const writing = file.write("abcd", { signal: controller.signal });
  const closing = file.close();
  controller.abort("why");
  await assert.rejects(writing, (reason) => reason === "why");
  peer.widen(100);
  await closing;
  assert.equal(peer.text, "abcd");
  assert.equal(file.isClosed, true);
  await end(connection);
});

test("a file's close tells all who asked for it when its flush fails", async () => {
  const { connection, file } = narrow();
  const controller = new AbortController();
  const writing = file.write("abcd", { signal: controller.signal });
  controller.abort("why");
  await assert.rejects(writing, (reason) => reason === "why");
  const closings = [file.close(), file.close()];
  connection.failed(new Fault("ECONNRESET", undefined, ""));
  for (const each of closings) {
    await assert.rejects(each, { code: "ECONNRESET", bytesSent: 0 });
  }
  await file.close();
  await connection.close(0);
});
