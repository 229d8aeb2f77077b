/**
 * Two threads and a stream between them: `program.ts TRANSPORT LOAD COUNT`.
 * Prints what it took to send so many messages from the one to the other,
 * after a part that warms up.
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { type Address, connect, listen } from "../../mod.ts";
import {
  type ByteStream,
  framed,
  lengthPrefixed,
} from "../../src/framing/mod.ts";
import { shmAttach, shmChannel, type ShmHandle } from "../../src/shm/mod.ts";
import type { Load, ShmRound, Transport } from "./results.ts";

const SMALL_BYTES = 64;
const LARGE_BYTES = 65_536;
const codec = lengthPrefixed({ header: "u32" });

/** What the worker is given. */
interface Task {
  readonly load: Load;
  readonly parts: readonly number[];
  readonly doorbell: "port" | "atomics" | undefined;
  readonly handle: ShmHandle | undefined;
  readonly address: Address | undefined;
}

// ---- the thread that sends

async function begin(
  transport: Transport,
  load: Load,
  parts: readonly number[],
): Promise<ByteStream> {
  const url = new URL(import.meta.url);
  if (transport === "port" || transport === "atomics") {
    const { local, remote } = shmChannel({ doorbell: transport });
    const task = { load, parts, doorbell: transport, handle: remote };
    new Worker(url, { workerData: task, transferList: [remote.port] as never });
    return local;
  }
  const path = join(tmpdir(), `anysock-bench-${process.pid}.sock`);
  const listener = await listen(transport === "tcp" ? "127.0.0.1:0" : { path });
  const task = { load, parts, address: listener.getSockName() };
  new Worker(url, { workerData: task });
  const [socket] = await listener.accept();
  await listener.close();
  return socket;
}

const SENDERS: Readonly<
  Record<Load, (stream: ByteStream, count: number) => Promise<void>>
> = {
  async single(stream, count) {
    const data = new Uint8Array(SMALL_BYTES).fill(7);
    if (!("recvSync" in stream)) {
      for (let i = 0; i < count; i++) await stream.sendAll(data);
      return;
    }
    for (let i = 0; i < count; i++) {
      const sent = stream.trySend(data) ?? 0;
      if (sent < data.length) await stream.sendAll(data.subarray(sent));
    }
  },
  async framed(stream, count) {
    const messages = framing(stream);
    const data = new Uint8Array(SMALL_BYTES).fill(7);
    for (let i = 0; i < count; i++) await messages.send(data);
    await messages.flush();
  },
  async bulk(stream, count) {
    const data = new Uint8Array(LARGE_BYTES).fill(7);
    for (let i = 0; i < count; i++) await stream.sendAll(data);
  },
};

type Messages = ReturnType<typeof framed<Uint8Array, Uint8Array>>;
let over: Messages | undefined;

/** One for all parts. */
function framing(stream: ByteStream): Messages {
  return over ??= framed(stream, codec) as unknown as Messages;
}

async function play(
  stream: ByteStream,
  load: Load,
  count: number,
): Promise<ShmRound> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await SENDERS[load](stream, count);
  // The other thread has all of it.
  if (await answer(stream, load) === null) throw new Error("It ended early");
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: count / seconds, cpuMicros: (user + system) / count };
}

function answer(stream: ByteStream, load: Load): Promise<Uint8Array | null> {
  return load === "framed"
    ? framing(stream).recv()
    : stream.recv({ maxBytes: 1 });
}

// ---- the thread that receives

async function receive(task: Task): Promise<void> {
  const { load, parts, doorbell, handle, address } = task;
  const stream = handle === undefined
    ? await connect(address!)
    : shmAttach(handle, doorbell === undefined ? {} : { doorbell });
  for (const count of parts) {
    if (load === "framed") {
      await takeMessages(framing(stream), count);
      continue;
    }
    await takeBytes(stream, count * sizeOf(load));
    await stream.sendAll("k");
  }
  // The answer is out; whoever sends ends the process.
}

function sizeOf(load: Load): number {
  return load === "bulk" ? LARGE_BYTES : SMALL_BYTES;
}

async function takeBytes(stream: ByteStream, total: number): Promise<void> {
  for (let left = total; left > 0;) {
    const bytes = stream.tryRecv() ?? await stream.recv();
    if (bytes === null) throw new Error("It ended early");
    left -= bytes.length;
  }
}

async function takeMessages(messages: Messages, count: number): Promise<void> {
  let left = count;
  for await (const _message of messages) if (--left === 0) break;
  await messages.send(new Uint8Array(1));
  await messages.flush();
}

if (isMainThread) {
  const [transport, load, count] = process.argv.slice(2);
  const total = Number(count);
  const parts = [total, total];
  const stream = await begin(transport as Transport, load as Load, parts);
  let round: ShmRound | undefined;
  for (const part of parts) round = await play(stream, load as Load, part);
  console.log(JSON.stringify(round));
  process.exit(0);
} else {
  await receive(workerData as Task);
}
