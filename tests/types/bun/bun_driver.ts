/**
 * Compares the shapes that the Bun driver declares for itself with Bun's own
 * types. Checked by `tsc -p tests/types/bun`, never run.
 *
 * @module
 */

import type {
  BunListener,
  BunSocket,
} from "../../../src/runtime/bun/native.ts";

type Extends<Actual extends Expected, Expected> = Actual;

/** Bun types these nowhere; the tests of driver and options prove them. */
type Untyped =
  | "fd"
  | "getsockname"
  | "getTypeOfService"
  | "reload"
  | "setTypeOfService";
type TypedListener = Omit<BunListener, Untyped>;

/** What it gives is of the same shape, and so has members that are untyped. */
type Typed = Omit<BunSocket, Untyped | "upgradeTLS">;
type Upgraded = ReturnType<Bun.Socket<unknown>["upgradeTLS"]>;

/** Fails to compile when Bun's types no longer have what the driver uses. */
export type Checks = [
  Extends<Bun.Socket<unknown>, Typed>,
  Extends<Upgraded, [raw: Typed, upper: Typed]>,
  Extends<Bun.TCPSocketListener<unknown>, TypedListener>,
  // Only a path, no port.
  Extends<Bun.UnixSocketListener<unknown>, Omit<TypedListener, "port">>,
];
