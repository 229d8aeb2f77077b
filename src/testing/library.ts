/**
 * The package's functions as the laws call them. They go through one object,
 * so that a test can put a broken function in the place of a right one and
 * see which laws notice.
 *
 * @module
 */

import * as polling from "../polling/mod.ts";
import * as sockets from "../socket/mod.ts";

/** The functions that laws call. */
export interface Library {
  /** `connect()` */
  connect: typeof sockets.connect;
  /** `listen()` */
  listen: typeof sockets.listen;
  /** `select()` */
  select: typeof polling.select;
  /** `socket()` */
  socket: typeof sockets.socket;
  /** `socketPair()` */
  socketPair: typeof sockets.socketPair;
}

/** The package's own functions, or what a test has put in their place. */
export const library: Library = {
  connect: sockets.connect,
  listen: sockets.listen,
  select: polling.select,
  socket: sockets.socket,
  socketPair: sockets.socketPair,
};

/** `connect()` of {@linkcode library}. */
export const connect: typeof sockets.connect = (...args) =>
  library.connect(...args);

/** `listen()` of {@linkcode library}. */
export const listen: typeof sockets.listen = (...args) =>
  library.listen(...args);

/** `socketPair()` of {@linkcode library}. */
export const socketPair: typeof sockets.socketPair = (...args) =>
  library.socketPair(...args);

/** `socket()` of {@linkcode library}. */
export const socket: typeof sockets.socket = forward("socket");

/** `select()` of {@linkcode library}. */
export const select: typeof polling.select = forward("select");

/** For functions whose overloads and type parameters no lambda can repeat. */
function forward<K extends keyof Library>(name: K): Library[K] {
  const call = (...args: readonly unknown[]): unknown =>
    Reflect.apply(library[name], undefined, args);
  return call as Library[K];
}
