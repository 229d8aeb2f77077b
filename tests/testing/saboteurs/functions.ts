/**
 * Functions of the package that break what they promise.
 *
 * @module
 */

import { SocketError, socketError } from "../../../src/errors.ts";
import type { ConnectOptions } from "../../../src/socket/mod.ts";
import type { Saboteur } from "../saboteur.ts";
import { failsAs, failsWith, throwsWith } from "./kit.ts";

/** Functions of the package that break what they promise. */
export const FUNCTIONS: readonly Saboteur[] = [
  {
    does: "connect() tells every failure, and misuse, as EIO",
    breaks: [
      "connect is EAFNOSUPPORT of connect when the local address is IPv6 and the peer's is not",
      "connect is EAFNOSUPPORT of connect when the local address is IPv4 and the peer's is not",
      "connect is EAI_NONAME of connect when a zone is out of place",
      "connect is EOPNOTSUPP when a network in memory is asked for TLS of its own",
    ],
    library: { connect: failsWith("EIO") },
  },
  {
    does: "connect() takes the blame for what bind is to blame for",
    breaks: [
      "connect is EAI_NONAME of bind when the local host is *",
      "connect is EAI_NONAME of bind when the local zone is out of place",
    ],
    library: { connect: failsAs("connect") },
  },
  {
    does: "connect() gives no cause",
    breaks: [
      "a name that nobody answers for fails with every failure as cause",
    ],
    library: {
      connect: (right, args) =>
        right(...args).catch((error: unknown) => {
          if (!(error instanceof SocketError)) throw error;
          throw socketError(error.code, { op: error.op });
        }),
    },
  },
  {
    does: "connect() takes its time where it has none",
    breaks: [
      "connect() with timeoutMs 0 is EINPROGRESS and connects nothing",
    ],
    library: {
      connect: (right, [address, options]) =>
        right(address, { ...options as ConnectOptions, timeoutMs: null }),
    },
  },
  {
    does: "connect() looks a name up before it looks at what it is given",
    breaks: [
      "misuse is RangeError before any I/O when given a port above 65,535",
      "misuse is TypeError before any I/O when given a port that is text",
      "misuse is TypeError before any I/O when given an address without a port",
      "misuse is TypeError before any I/O when given no address at all",
      "misuse is TypeError before any I/O when given an empty Unix path",
      "misuse is TypeError before any I/O when given a Unix path of another family",
      "misuse is TypeError before any I/O when given a flag of connect that is a number",
    ],
    library: {
      connect: (right, [address, options]) => {
        void (options as ConnectOptions).runtime?.lookup("localhost", 0);
        return right(address, options);
      },
    },
  },
  {
    does: "listen() tells every failure, and misuse, as EIO",
    breaks: [
      "listen is EOPNOTSUPP when a network in memory is asked for TLS of its own",
      "listen is ENOPROTOOPT when only IPv6 is asked for at an IPv4 address",
      "listen is ENOPROTOOPT when a port is to be shared where there is none",
      "misuse is RangeError before any I/O when given a negative port",
      "misuse is RangeError before any I/O when given a port in a text that is out of range",
      "misuse is RangeError before any I/O when given a Unix path of 108 bytes",
      "misuse is TypeError before any I/O when given a flag of listen that is a text",
      "misuse is TypeError before any I/O when given options of listen that are none",
    ],
    library: { listen: failsWith("EIO") },
  },
  {
    does: "listen() takes the blame for what bind is to blame for",
    breaks: [
      "listen is EAI_NONAME of bind when the host is *",
      "listen is EAI_NONAME of bind when a zone is no interface",
      "listen is EAI_NONAME of bind when a zone is out of place",
      "bind is ENOENT when the folder of a Unix path does not exist",
    ],
    library: { listen: failsAs("listen") },
  },
  {
    does: "socket() tells every failure, and misuse, as EIO",
    breaks: [
      "socket is EOPNOTSUPP when a type of socket is asked for that no runtime has",
      "misuse is TypeError before any I/O when given options of socket that are none",
      "misuse is TypeError before any I/O when given a family that is text",
    ],
    library: { socket: throwsWith("EIO") },
  },
  {
    does: "socketPair() gives the same end twice",
    breaks: [
      "socketPair gives two ends that talk to each other",
    ],
    library: {
      socketPair: async (right, args) => {
        const [one] = await right(...args);
        return [one, one];
      },
    },
  },
];
