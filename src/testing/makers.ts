/**
 * The kinds of streams that the laws are run over.
 *
 * @module
 */

import { AF_INET, AF_INET6, AF_UNIX } from "../constants.ts";
import { memoryNetwork, type MemoryNetworkOptions } from "../runtime/memory.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { StreamMaker, TlsTalk, Trait } from "./law.ts";

const NO_PATHS: Partial<Record<Trait, string>> = {
  abstractNames: "an Internet address has no abstract name",
  folders: "an Internet address has no path",
  paths: "an Internet address has no path",
};

const NO_RESET: Partial<Record<Trait, string>> = {
  ipv6: "a Unix-domain address is none of IPv6",
  reset: "a Unix-domain socket has no RST",
  ports: "a Unix-domain address has no port",
};

/** 8 MiB: a network in memory has no packets to lose, but the same code. */
const MEMORY_VOLUME_BYTES = 8_388_608;

/** 1 MiB: it holds 64 KiB of a direction by default, and so do we. */
const MORE_THAN_MEMORY_BYTES = 1_048_576;

/** Half of what it holds. */
const FITS_MEMORY_BYTES = 32_768;

/** Linux gives a Unix-domain socket 208 KiB, less what it counts besides. */
const FITS_UNIX_BYTES = 65_536;

/** 4 MiB: a machine may be told to give more than those 208 KiB. */
const MORE_THAN_UNIX_BYTES = 4_194_304;

/** TCP over the IPv4 loopback address. */
export function tcp4Maker(runtime: Runtime): StreamMaker {
  return {
    name: "tcp4",
    runtime,
    family: AF_INET,
    freshAddress: () => "127.0.0.1:0",
    lacks: { ...NO_PATHS, ipv6: "an IPv4 address is none of IPv6" },
  };
}

/** TCP over the IPv6 loopback address. */
export function tcp6Maker(runtime: Runtime): StreamMaker {
  return {
    name: "tcp6",
    runtime,
    family: AF_INET6,
    freshAddress: () => "[::1]:0",
    lacks: NO_PATHS,
  };
}

/** Unix-domain streams; `freshPath` gives a path that nobody has yet. */
export function unixMaker(
  runtime: Runtime,
  freshPath: () => string,
): StreamMaker {
  return {
    name: "unix",
    runtime,
    family: AF_UNIX,
    freshAddress: () => ({ path: freshPath() }),
    lacks: NO_RESET,
    moreThanFitsBytes: MORE_THAN_UNIX_BYTES,
    fitsBytes: FITS_UNIX_BYTES,
  };
}

/** Unix-domain streams with abstract names, which only Linux has. */
export function abstractMaker(
  runtime: Runtime,
  freshName: () => string,
): StreamMaker {
  return {
    name: "abstract",
    runtime,
    family: AF_UNIX,
    freshAddress: () => ({ path: `\0${freshName()}` }),
    lacks: {
      ...NO_RESET,
      folders: "an abstract name is no path",
      paths: "an abstract name is no path",
    },
    moreThanFitsBytes: MORE_THAN_UNIX_BYTES,
    fitsBytes: FITS_UNIX_BYTES,
  };
}

/** IPv4 streams of a network in memory, a new one with each call. */
export function memoryMaker(options: MemoryNetworkOptions = {}): StreamMaker {
  return {
    ...tcp4Maker(memoryNetwork(options)),
    name: "memory",
    volumeBytes: MEMORY_VOLUME_BYTES,
    moreThanFitsBytes: MORE_THAN_MEMORY_BYTES,
    fitsBytes: FITS_MEMORY_BYTES,
  };
}

/** Unix-domain streams of a network in memory, a new one with each call. */
export function memoryUnixMaker(
  options: MemoryNetworkOptions = {},
): StreamMaker {
  let paths = 0;
  const maker = unixMaker(memoryNetwork(options), () => `/run/${++paths}.sock`);
  return {
    ...maker,
    name: "memory unix",
    lacks: { ...maker.lacks, folders: "a network in memory has no folders" },
    volumeBytes: MEMORY_VOLUME_BYTES,
    moreThanFitsBytes: MORE_THAN_MEMORY_BYTES,
    fitsBytes: FITS_MEMORY_BYTES,
  };
}

/** TLS costs: 4 MiB prove as much of its records as 16 MiB. */
const TLS_VOLUME_BYTES = 4_194_304;

/**
 * Another maker's streams with TLS over them, from the start or after some
 * plain talk.
 */
export function tlsMaker(maker: StreamMaker, tls: TlsTalk): StreamMaker {
  const way = tls.server.native === true ? "native " : "";
  const kind = tls.plainBytes === undefined ? "tls" : "starttls";
  return {
    ...maker,
    name: `${maker.name}/${way}${kind}`,
    tls,
    lacks: {
      ...maker.lacks,
      detachAccepted: "a TLS connection cannot be given away",
      zeroCopyReceive: "what is received is decrypted elsewhere",
    },
    volumeBytes: TLS_VOLUME_BYTES,
  };
}
