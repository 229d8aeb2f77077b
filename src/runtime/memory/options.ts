/**
 * The options of streams in memory.
 *
 * @module
 */

import type { OptionSupports } from "../seam/supports.ts";

const NO_HANDLE = "a memory network has no descriptors";

/** What the options of streams in memory can do. */
export const MEMORY_OPTION_SUPPORTS: OptionSupports = {
  bufferSizes: "a memory network fixes its buffers when it is made",
  fileno: NO_HANDLE,
  fromFd: NO_HANDLE,
  // No peer vanishes without a word, so that any probe would be answered.
  keepAlive: true,
  keepAliveIdle: true,
  keepAliveProbes: true,
  // No address lingers here.
  reuseAddr: true,
  typeOfService: "a memory network has no packets",
};
