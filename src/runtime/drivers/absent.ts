/**
 * What stands for a driver that was left out.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";

/** In the place of what takes over a `Bun.Socket`. */
export function refuseBunSocket(_socket: object): never {
  return refuse("Bun");
}

/** In the place of what takes over a `Deno.Conn`. */
export function refuseDenoConn(_conn: object): never {
  return refuse("Deno");
}

function refuse(label: string): never {
  const reason = `this was bundled for another runtime, without the driver ` +
    `of ${label}: bundle with the condition "${label.toLowerCase()}"`;
  throw new Fault("EOPNOTSUPP", undefined, reason);
}
