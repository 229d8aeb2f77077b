/**
 * Making a channel, and attaching to it in the other thread.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import { socketError } from "../errors.ts";
import { type DoorbellKind, hasWaitAsync, strike } from "./doorbell.ts";
import {
  ATTACHED,
  BELL,
  createMemory,
  GONE,
  isPowerOfTwo,
  type Memory,
  memoryOf,
} from "./memory.ts";
import { ShmStream } from "./shm_stream.ts";

/** 1 MiB of each direction: 16 messages of 64 KiB. */
const DEFAULT_CAPACITY = 1_048_576;
const LEAST_CAPACITY = 4_096;
const MOST_CAPACITY = 67_108_864;

/** How an end of a channel is woken. */
export interface ShmAttachOptions {
  /**
   * How this end is woken while it waits without blocking: by a message at its
   * port, or by `Atomics.waitAsync`. Each end chooses for itself. Default
   * `"atomics"`, which costs less, and `"port"` where there is no `waitAsync`.
   */
  readonly doorbell?: DoorbellKind;
}

/** What `shmChannel` can be told. */
export interface ShmChannelOptions extends ShmAttachOptions {
  /**
   * How many bytes of each direction fit, a power of two from 4 KiB to 64 MiB;
   * default 1,048,576. The channel takes twice as much memory and 128 bytes, and
   * nothing of it grows.
   */
  readonly capacity?: number;
  /**
   * The worker that will attach: its `exit` is the end of the partner. Without
   * it, say `partnerDied()` yourself.
   */
  readonly worker?: ShmWorker;
}

/** The part of a `Worker` of `node:worker_threads` that is used. */
export interface ShmWorker {
  /** Calls `listener` when the worker has ended. */
  once(event: "exit", listener: () => void): unknown;
  /** Forgets the listener. */
  off(event: "exit", listener: () => void): unknown;
}

/**
 * What the other thread attaches to. It can be cloned; the port has to be in
 * the list of what is transferred.
 */
export interface ShmHandle {
  /** The memory. */
  readonly buffer: SharedArrayBuffer;
  /** The other thread's port. */
  readonly port: MessagePort;
}

/**
 * A channel of shared memory to another thread: `local` is this thread's end,
 * `remote` goes to the other thread, which calls {@linkcode shmAttach}.
 *
 * Over `framed` it moves about as much as a TCP or Unix socket. It is faster
 * for small messages that are sent one by one, and it alone can block a thread
 * (`recvSync`). Between processes use a Unix socket.
 *
 * @example
 * ```ts
 * import { shmAttach, shmChannel } from "@anysock/anysock/shm";
 *
 * const { local, remote } = shmChannel({ capacity: 65_536 });
 * // new Worker(url, { workerData: remote, transferList: [remote.port] }),
 * // and in the worker shmAttach(workerData). One thread can have both, too:
 * const partner = shmAttach(remote);
 * await local.sendAll("hello");
 * console.log(await partner.recv());
 * await Promise.all([local.close(), partner.close()]);
 * ```
 *
 * @throws {TypeError} | {RangeError} if an option is wrong.
 */
export function shmChannel(
  options: ShmChannelOptions = {},
): { local: ShmStream; remote: ShmHandle } {
  checkOptions(options, ["capacity", "worker", "doorbell"]);
  const { capacity = DEFAULT_CAPACITY, worker, doorbell } = options;
  checkCapacity(capacity);
  checkWorker(worker);
  return openChannel(createMemory(capacity), toKind(doorbell), worker);
}

/** A channel over such memory as `createMemory` makes. */
export function openChannel(
  buffer: SharedArrayBuffer,
  doorbell: DoorbellKind,
  worker?: ShmWorker,
): { local: ShmStream; remote: ShmHandle } {
  const memory = memoryOf(buffer);
  const { port1, port2 } = new MessageChannel();
  const local = ShmStream.create({ memory, side: 0, port: port1, doorbell });
  if (worker !== undefined) watchWorker(worker, local);
  return { local, remote: { buffer, port: port2 } };
}

/**
 * The other thread's end of a channel.
 *
 * @example In a worker
 * ```ts ignore
 * import { shmAttach } from "@anysock/anysock/shm";
 * import { workerData } from "node:worker_threads";
 *
 * await using stream = shmAttach(workerData);
 * for await (const bytes of stream) await stream.sendAll(bytes);
 * ```
 *
 * @throws {TypeError} | {RangeError} if it is no handle.
 * @throws {SocketError} `EBUSY` if it was attached to before.
 */
export function shmAttach(
  handle: ShmHandle,
  options: ShmAttachOptions = {},
): ShmStream {
  checkOptions(options, ["doorbell"]);
  const doorbell = toKind(options.doorbell);
  const memory = memoryOf(handle?.buffer);
  const { port } = handle;
  if (!(port instanceof MessagePort)) {
    throw new TypeError(
      `A handle's port is a MessagePort, transferred: ${show(port)}`,
    );
  }
  claim(memory);
  return ShmStream.create({ memory, side: 1, port, doorbell });
}

/**
 * For the owner of two workers that have a channel between them: one of them
 * has ended. The other one receives what was written, then `ECONNRESET`. It is
 * told at once if it blocks in `recvSync` or waits by `Atomics`; one that waits
 * at its port is told by the port.
 *
 * @throws {TypeError} | {RangeError} if it is no channel's buffer.
 *
 * @example
 * ```ts
 * import { shmAttach, shmChannel, shmPartnerDied } from "@anysock/anysock/shm";
 *
 * const { local, remote } = shmChannel();
 * const partner = shmAttach(remote);
 * await local.sendAll("last words");
 * shmPartnerDied(remote.buffer); // worker.on("exit", …) calls it
 * console.log(await partner.recv());
 * try {
 *   partner.recvSync();
 * } catch (error) {
 *   console.log((error as { code: string }).code); // "ECONNRESET"
 * }
 * await Promise.all([local.close(), partner.close()]);
 * ```
 */
export function shmPartnerDied(buffer: SharedArrayBuffer): void {
  const { words } = memoryOf(buffer);
  Atomics.store(words, GONE, 1);
  for (const bell of BELL) strike(words, bell);
}

function claim({ words }: Memory): void {
  if (Atomics.compareExchange(words, ATTACHED, 0, 1) === 0) return;
  const reason = "the channel has been attached to";
  throw socketError("EBUSY", { op: "shmAttach", reason });
}

function watchWorker(worker: ShmWorker, stream: ShmStream): void {
  const onExit = () => stream.partnerDied();
  worker.once("exit", onExit);
  stream.onLeave = () => worker.off("exit", onExit);
}

// ---- checking

function checkCapacity(capacity: unknown): void {
  if (typeof capacity !== "number") {
    throw new TypeError(`capacity must be a number: ${show(capacity)}`);
  }
  const isInRange = capacity >= LEAST_CAPACITY && capacity <= MOST_CAPACITY;
  if (isInRange && isPowerOfTwo(capacity)) return;
  throw new RangeError(
    `capacity is a power of two from ${LEAST_CAPACITY} to ${MOST_CAPACITY}: ` +
      `${capacity}`,
  );
}

function checkWorker(worker: unknown): void {
  if (worker === undefined) return;
  const { once, off } = (worker ?? {}) as Partial<ShmWorker>;
  if (typeof once === "function" && typeof off === "function") return;
  throw new TypeError(
    `worker is a Worker of node:worker_threads; for another one call ` +
      `partnerDied() yourself: ${show(worker)}`,
  );
}

function toKind(doorbell: unknown): DoorbellKind {
  if (doorbell === undefined) return usualKind();
  if (doorbell !== "port" && doorbell !== "atomics") {
    throw new TypeError(`doorbell is "port" or "atomics": ${show(doorbell)}`);
  }
  if (doorbell === "atomics" && !hasWaitAsync()) {
    const reason = "there is no Atomics.waitAsync here";
    throw socketError("EOPNOTSUPP", { op: "shmChannel", reason });
  }
  return doorbell;
}

function usualKind(): DoorbellKind {
  return hasWaitAsync() ? "atomics" : "port";
}
