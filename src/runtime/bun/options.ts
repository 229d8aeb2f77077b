/**
 * The options of Bun's own sockets, as far as they reach the kernel.
 *
 * @module
 */

import { demandForcedProbes, forcedIdleMs } from "../node/options.ts";
import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { OptionSupports } from "../seam/supports.ts";
import { platformName } from "../platform.ts";
import { Fault } from "../seam/fault.ts";
import type { BunSocket } from "./native.ts";

const FORCED =
  "Bun sets interval and count to 1 s and 10 whenever it sets the idle time";

/** What the options of Bun's own sockets can do. */
export const OPTION_SUPPORTS: OptionSupports = {
  bufferSizes: "Bun sets no buffer sizes of streams",
  fileno: true,
  fromFd: true,
  keepAlive: true,
  keepAliveIdle: true,
  keepAliveProbes: FORCED,
  reuseAddr: platformName() !== "win32" ||
    "Bun does not set SO_REUSEADDR on Windows",
  typeOfService: true,
};

/** Sets an option of a TCP socket, or throws a Fault `ENOPROTOOPT`. */
export function setBunOption(
  socket: BunSocket,
  name: OptionName,
  value: number,
  tuning: KeepAliveTuning = {},
): void {
  const isSet = name === "noDelay"
    ? socket.setNoDelay(value !== 0)
    : name === "typeOfService"
    ? socket.setTypeOfService(value) === 0
    : setKeepAlive(socket, value !== 0, tuning);
  // Bun does not say why; the kernel refuses where the connection is gone.
  if (!isSet) throw new Fault("EINVAL");
}

function setKeepAlive(
  socket: BunSocket,
  on: boolean,
  tuning: KeepAliveTuning,
): boolean {
  demandForcedProbes(tuning, FORCED);
  const idleMs = on ? forcedIdleMs(tuning) : undefined;
  return idleMs === undefined
    ? socket.setKeepAlive(on)
    : socket.setKeepAlive(true, idleMs);
}
