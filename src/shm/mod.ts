/**
 * A byte stream between two threads of one process, on shared memory.
 *
 * @example
 * ```ts
 * import { shmAttach, shmChannel } from "@anysock/anysock/shm";
 *
 * const { local, remote } = shmChannel();
 * const partner = shmAttach(remote); // in the other thread
 * await partner.sendAll("hello");
 * console.log(local.recvSync()); // the bytes, and nothing was awaited
 * await Promise.all([local.close(), partner.close()]);
 * ```
 *
 * @module
 */

export type {
  Bytes,
  BytesLike,
  ByteStream,
  CloseOptions,
  ReceiveOptions,
  SendOptions,
  WaitOptions,
} from "../contracts.ts";
export type { Pollable, Readiness, Watch } from "../readiness.ts";
export type {
  ShmAttachOptions,
  ShmChannelOptions,
  ShmHandle,
  ShmWorker,
} from "./channel.ts";
export { shmAttach, shmChannel, shmPartnerDied } from "./channel.ts";
export type { DoorbellKind } from "./doorbell.ts";
export { ShmStream } from "./shm_stream.ts";
