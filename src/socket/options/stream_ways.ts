/**
 * What a stream socket does with its options, one by one.
 *
 * @module
 */

import type { AddressFamily } from "../../constants.ts";
import { refuseOption } from "../../runtime/seam/fault.ts";
import type { KeepAliveTuning } from "../../runtime/seam/options.ts";
import { type Linger, lingerBytes } from "./linger.ts";
import type { Way } from "./option.ts";
import type { StreamOptions } from "./stream_options.ts";

/** What a stream socket does with an option. */
export type StreamWay<V> = Way<StreamOptions, V>;

const internet = (socket: StreamOptions): void => socket.demandInternet();

/** `TCP_NODELAY`. */
export const NO_DELAY: StreamWay<0 | 1> = {
  demand: internet,
  set(socket, on) {
    socket.demand("noDelay");
    socket.apply("noDelay", on);
    socket.noDelay = on;
  },
  get: ({ noDelay }) => noDelay,
};

/** `SO_KEEPALIVE`. */
export const KEEP_ALIVE: StreamWay<0 | 1> = {
  demand: internet,
  set: (socket, on) => socket.setKeepAlive(on),
  get: ({ isAdopted, keepAlive }) => keepAlive ?? (isAdopted ? undefined : 0),
  companions: ({ tuningPairs }, on) => on === 1 ? tuningPairs : [],
};

/** A part of the keep-alive's tuning. */
export function tuned(key: keyof KeepAliveTuning): StreamWay<number> {
  return {
    demand: internet,
    set: (socket, value) => socket.tune(key, value),
    get: ({ tuning }) => tuning[key],
  };
}

/** `IP_TOS` or `IPV6_TCLASS`. */
export function typeOfService(family: AddressFamily): StreamWay<number> {
  return {
    demand: (socket) => socket.demandFamily(family),
    set(socket, value) {
      socket.demand("typeOfService");
      socket.apply("typeOfService", value);
      socket.typeOfService = value;
    },
    get(socket) {
      socket.demand("typeOfService");
      const unset = socket.isAdopted ? undefined : 0;
      return socket.ask("typeOfService") ?? socket.typeOfService ?? unset;
    },
  };
}

/** `SO_LINGER`: the library's own, for the kernel's blocks in `close()`. */
export const LINGER: StreamWay<Linger> = {
  set(socket, linger) {
    if (linger.on && linger.seconds === 0) demandReset(socket);
    socket.linger = linger;
  },
  get: ({ linger }) => lingerBytes(linger),
};

/** Throws unless connections can send RST, or can be made so that they can. */
function demandReset(socket: StreamOptions): void {
  socket.demandInternet();
  const { isConnected, isListening, abortive } = socket;
  if ((isConnected || isListening) && !abortive) socket.demand("abortiveClose");
  socket.abortive = true;
}

const LATE = "it has to be set before listen";

/** `SO_REUSEADDR`. */
export const REUSE_ADDR: StreamWay<0 | 1> = {
  demand: internet,
  set(socket, on) {
    if (on === 0) refuseOption("runtimes set it on every listener");
    if (socket.isConnected || socket.isAdopted) refuseOption(LATE);
    socket.demand("reuseAddr");
    socket.reuseAddr = 1;
  },
  get(socket) {
    if (socket.isConnected || socket.isAdopted) return undefined;
    socket.demand("reuseAddr");
    return socket.isListening ? 1 : socket.reuseAddr;
  },
};

/** `SO_REUSEPORT`. */
export const REUSE_PORT: StreamWay<0 | 1> = listening("reusePort", internet);

/** `IPV6_V6ONLY`. */
export function ipv6Only(family: AddressFamily): StreamWay<0 | 1> {
  return listening("ipv6Only", (socket) => socket.demandFamily(family));
}

/** What only `listen` can do; `key` is what it is kept in. */
function listening(
  key: "reusePort" | "ipv6Only",
  demand: (socket: StreamOptions) => void,
): StreamWay<0 | 1> {
  return {
    demand,
    set(socket, value) {
      const on = value === 1;
      if (socket.isConnected || socket.isAdopted) refuseOption(LATE);
      if (socket.isListening && on !== socket[key]) refuseOption(LATE);
      if (on) socket.demand(key);
      socket[key] = on;
    },
    get(socket) {
      if (socket.isConnected || socket.isAdopted) return undefined;
      return socket[key] ? 1 : 0;
    },
  };
}

/** `SO_RCVBUF` and `SO_SNDBUF`: none of their own; here for the reason. */
export const BUFFER_SIZE: StreamWay<number> = {
  set: (socket) => socket.demand("bufferSizes"),
  get(socket) {
    socket.demand("bufferSizes");
    return undefined;
  },
};
