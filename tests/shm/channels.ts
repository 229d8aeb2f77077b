/**
 * Channels for tests, closed when the test ends.
 *
 * @module
 */

import { openChannel } from "../../src/shm/channel.ts";
import { createMemory } from "../../src/shm/memory.ts";
import {
  type DoorbellKind,
  shmAttach,
  type ShmHandle,
  type ShmStream,
} from "../../src/shm/mod.ts";
import type { ByteEnd } from "../../src/testing/laws/byte_stream.ts";
import type { PartnerThread } from "./remote_end.ts";

/** Bytes of each direction. */
export const CAPACITY = 4_096;

/** The counters of bytes are soon about to wrap. */
const START = -CAPACITY - 100;

/** The channels of one test. */
export class Channels {
  readonly #doorbell: DoorbellKind;
  readonly #handles = new Map<ShmStream, ShmHandle>();
  readonly #ends = new Set<ByteEnd>();

  /** All are woken in one way. */
  constructor(doorbell: DoorbellKind) {
    this.#doorbell = doorbell;
  }

  /** This thread's end, and the other one, in a thread of its own or here. */
  async open(
    thread?: PartnerThread,
  ): Promise<readonly [ShmStream, ByteEnd]> {
    const doorbell = this.#doorbell;
    const buffer = createMemory(CAPACITY, START);
    const { local, remote } = openChannel(buffer, doorbell);
    this.#handles.set(local, remote);
    this.#ends.add(local);
    const partner = thread === undefined
      ? shmAttach(remote, { doorbell })
      : await thread.attach(remote, doorbell);
    this.#ends.add(partner);
    return [local, partner];
  }

  /** What the other end was made of. */
  handleOf(end: ShmStream): ShmHandle {
    return this.#handles.get(end)!;
  }

  /** Closes every end. */
  async close(): Promise<void> {
    await Promise.all([...this.#ends].map((end) => end.close()));
  }
}

/** Attaches to a channel once more, with a port of its own. */
export function attachAgain(buffer: SharedArrayBuffer): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  try {
    return shmAttach({ buffer, port: port1 }).close();
  } finally {
    port1.close();
    port2.close();
  }
}
