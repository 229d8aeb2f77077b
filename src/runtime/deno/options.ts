/**
 * The options of Deno's own connections, as far as they reach the kernel.
 *
 * @module
 */

import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { OptionSupports } from "../seam/supports.ts";
import { platformName } from "../platform.ts";
import { Fault } from "../seam/fault.ts";

/** What the options of Deno's own connections can do. */
export const OPTION_SUPPORTS: OptionSupports = {
  bufferSizes: "Deno sets no buffer sizes of streams",
  fileno: "Deno keeps descriptors to itself",
  fromFd: true,
  keepAlive: true,
  keepAliveIdle: "on Deno TCP_KEEPIDLE has to be set before connect or listen",
  keepAliveProbes: "Deno has no way to set TCP_KEEPINTVL or TCP_KEEPCNT",
  reuseAddr: platformName() !== "win32" ||
    "Deno does not set SO_REUSEADDR on Windows",
  typeOfService: "Deno has no way to set the type of service",
};

/** The members of `Deno.Conn` that are used. */
interface DenoOptions {
  setNoDelay?(on?: boolean): void;
  setKeepAlive?(on?: boolean): void;
}

/** Sets an option of a connection, or throws a Fault `ENOPROTOOPT`. */
export function setDenoOption(
  conn: DenoOptions,
  name: OptionName,
  value: number,
  tuning: KeepAliveTuning = {},
): void {
  const { setNoDelay, setKeepAlive } = conn;
  if (setNoDelay === undefined || setKeepAlive === undefined) {
    refuse("not a TCP connection");
  }
  if (name === "noDelay") return setNoDelay.call(conn, value !== 0);
  if (name === "typeOfService") refuse(OPTION_SUPPORTS.typeOfService as string);
  const { idle, interval, count } = tuning;
  if ((interval ?? count) !== undefined) {
    refuse(OPTION_SUPPORTS.keepAliveProbes as string);
  }
  if (idle !== undefined) refuse(OPTION_SUPPORTS.keepAliveIdle as string);
  setKeepAlive.call(conn, value !== 0);
}

function refuse(reason: string): never {
  throw new Fault("ENOPROTOOPT", undefined, reason);
}
