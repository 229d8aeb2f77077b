/**
 * Drivers of streams and listeners that break what the seam promises.
 *
 * @module
 */

import { Fault } from "../../../src/runtime/seam/fault.ts";
import type {
  ListenerSink,
  RawConnectOptions,
  RawListenOptions,
} from "../../../src/runtime/seam/stream.ts";
import type { Bytes } from "../../../src/contracts.ts";
import type { Saboteur } from "../saboteur.ts";
import { never, nothing, settles } from "./kit.ts";

/** Shows the memory as it is by the time the sender goes on. */
async function writeLate(
  data: Uint8Array,
  write: (data: Uint8Array) => unknown,
): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
  try {
    write(data);
  } catch {
    // The law is over and the stream closed.
  }
}

/** Drivers that carry bytes wrongly. */
const CARRYING: readonly Saboteur[] = [
  {
    does: "a driver drops a byte of its third chunk",
    breaks: [
      "a stream loses and reorders no byte when both sides send at once",
    ],
    driver: {
      stream: () => {
        let chunks = 0;
        return {
          sink: {
            data: (tell, [chunk]) =>
              tell(++chunks === 3 ? (chunk as Bytes).slice(1) : chunk),
          },
        };
      },
    },
  },
  {
    does: "a driver swaps two chunks",
    breaks: [
      "a stream loses and reorders no byte when both sides send at once",
      "an end after close means that every accepted byte has come",
    ],
    driver: {
      stream: () => {
        const held: unknown[] = [];
        let chunks = 0;
        return {
          sink: {
            data: (tell, [chunk]) => {
              if (++chunks === 2) return held.push(chunk) > 0;
              return [tell(chunk), ...held.splice(0).map((each) => tell(each))]
                .every(Boolean);
            },
          },
        };
      },
    },
  },
  {
    does: "a driver tells of every chunk twice",
    breaks: [
      "recvExactly waits for every byte when they come one by one",
      "a selector tells what is ready again until it is consumed",
    ],
    driver: {
      stream: () => ({
        sink: {
          data: (tell, [chunk]) => {
            tell((chunk as Bytes).slice());
            return tell(chunk);
          },
        },
      }),
    },
  },
  {
    does: "a driver says it took more than it took",
    breaks: [
      "a stream loses and reorders no byte when both sides send at once",
      "every send of a non-blocking socket that would wait is EAGAIN",
      "a stream is writable while the kernel takes more, and only then",
    ],
    driver: {
      stream: () => ({
        raw: {
          write: (write, [data]) => {
            void write(data);
            return (data as Uint8Array).length;
          },
        },
      }),
    },
  },
  {
    does: "a driver shows memory that is reused after a send",
    breaks: [
      "a send never shows memory that is reused once it was cut short",
      "a send never shows memory that is reused once it has settled",
    ],
    driver: {
      stream: () => ({
        raw: {
          write: (write, [data]) => {
            void writeLate(data as Uint8Array, write);
            return (data as Uint8Array).length;
          },
        },
      }),
    },
  },
  {
    does: "a driver shows memory that is reused after it took a part of it",
    breaks: [
      "a send that took bytes never shows memory that is reused",
    ],
    driver: {
      stream: () => {
        let late: unknown;
        return {
          raw: {
            write: (write, [data]) => {
              const { length } = data as Uint8Array;
              if (late !== undefined || length !== 40_000) return write(data);
              late = data;
              void writeLate(data as Uint8Array, write);
              return length;
            },
          },
        };
      },
    },
  },
  {
    does: "a driver never stops reading",
    breaks: [
      "a reader that stops stops the writer with bounded memory",
      "a registered stream that nobody reads stops its writer",
    ],
    driver: {
      stream: (raw) => ({
        sink: {
          data: (tell, [chunk]) => {
            if (!tell(chunk)) raw.resume();
            return true;
          },
        },
      }),
    },
  },
  {
    does: "a driver reads on in its own time, whatever it is told",
    breaks: [
      "a reader that stops stops the writer with bounded memory",
      "a stream that is polled and never read stops its writer",
      "a registered stream that nobody reads stops its writer",
    ],
    driver: {
      stream: (raw) => ({
        sink: {
          data: (tell, [chunk]) => {
            tell(chunk);
            queueMicrotask(() => raw.resume());
            return true;
          },
        },
      }),
    },
  },
  {
    does: "a driver never tells that the kernel takes more",
    breaks: [
      "a writer goes on when a stopped reader goes on",
      "a stream is writable while the kernel takes more, and only then",
    ],
    driver: { stream: () => ({ sink: { writable: nothing } }) },
  },
  {
    does: "a driver tells of no byte",
    breaks: [
      "buffered data come before the error and the error stays",
    ],
    driver: { stream: () => ({ sink: { data: () => true } }) },
  },
  {
    does: "a driver gives views of one memory",
    breaks: [
      "received arrays belong to the caller when written to",
    ],
    driver: {
      stream: () => {
        const memory = new Uint8Array(65_536);
        return {
          sink: {
            data: (tell, [chunk]) => {
              memory.set(chunk as Bytes);
              for (let at = 0; at < (chunk as Bytes).length; at++) {
                tell(memory.subarray(at, at + 1));
              }
              return true;
            },
          },
        };
      },
    },
  },
];

/** Drivers that end wrongly. */
const ENDING: readonly Saboteur[] = [
  {
    does: "a driver swallows the end",
    breaks: [
      "the end stays the end when asked again",
      "the end of a stream is readable, and stays so",
    ],
    driver: { stream: () => ({ sink: { end: nothing } }) },
  },
  {
    does: "a driver tells a reset as an end",
    breaks: [
      "a reset is an error and no end when much is unread",
      "a reset is no end when nothing is sent",
      "a reset is no end when recv waits and nothing is sent",
      "a reset is no end when our side has ended",
      "a reset is no end when recv waits and our side has ended",
      "a reset is no end when our side ends just then",
      "a reset is no end when recv waits and our side ends just then",
      "a reset is no end when a send waits",
      "a reset is no end when recv waits and a send waits",
      "a reset is no end when a send meets it first",
      "a reset is no end when recv waits and a send meets it first",
      "a reset is no end when recv waits and the kernel is full and a send meets it first",
      "a reset is no end when two sends meet it first",
      "a reset is no end when recv waits and two sends meet it first",
      "a reset is no end when a trySend meets it first",
      "a reset is no end when recv waits and a trySend meets it first",
    ],
    driver: {
      stream: () => ({ sink: { failed: (_tell, _args, sink) => sink.end() } }),
    },
  },
  {
    does: "a driver tells an end as a reset",
    breaks: [
      "SHUT_RDWR ends both directions",
      "the end stays an end when a reset comes after it",
    ],
    driver: {
      stream: () => ({
        sink: {
          end: (_tell, _args, sink) => sink.failed(new Fault("ECONNRESET")),
        },
      }),
    },
  },
  {
    does: "a driver never tells of a reset",
    breaks: [
      "closing a listener ends connections that nobody accepted",
      "death is seen by who waits for nothing else",
      "a dead socket comes back in every list, and the living go on",
      "a dead socket is told for all that was asked, and the living go on",
    ],
    driver: { stream: () => ({ sink: { failed: nothing } }) },
  },
  {
    does: "a driver ends its own side when the peer ends",
    breaks: [
      "an answer arrives when the client has ended its side first",
      "a question arrives when the server has ended its side first",
      "writable.close is SHUT_WR",
      "a socket stays open while one of its web streams does",
      "the end of a stream is readable, and stays so",
    ],
    driver: {
      stream: (raw) => ({
        sink: {
          end: (tell) => {
            raw.shutdown().catch(nothing);
            tell();
          },
        },
      }),
    },
  },
  {
    does: "a driver closes when it is to end one side",
    breaks: [
      "an answer arrives when the client has ended its side first",
    ],
    driver: {
      stream: (raw) => ({
        raw: { shutdown: () => Promise.resolve(raw.close()) },
      }),
    },
  },
  {
    does: "a driver resets when it is to end one side",
    breaks: [
      "an answer by sendAll arrives when the client has ended and none read",
      "an answer by trySend arrives when the client has ended and none read",
      "close delivers every accepted byte when the peer reads late",
    ],
    driver: {
      stream: (raw) => ({
        raw: { shutdown: () => Promise.resolve(raw.reset()) },
      }),
    },
  },
  {
    does: "a driver never sends FIN",
    breaks: [
      "readInto fills its memory, or what comes before the end",
      "an answer arrives when the client has ended its side first",
      "SHUT_RDWR ends both directions",
    ],
    driver: { stream: () => ({ raw: { shutdown: settles } }) },
  },
  {
    does: "a driver closes when it is to reset",
    breaks: [
      "a sendFile that close cannot finish ends in a reset, and in no end",
      "reset makes the peer see ECONNRESET and closes at once",
      "a reset is no end when nothing is sent",
    ],
    driver: { stream: (raw) => ({ raw: { reset: () => raw.close() } }) },
  },
  {
    does: "a driver only says that it closes a listener",
    breaks: [
      "a Unix path is free again when its listener has closed",
      "a port is free again when its listener has closed",
      "connect is ECONNREFUSED when nobody listens at a port",
      "closing a listener ends connections that nobody accepted",
    ],
    driver: {
      listener: () => {
        let closed = nothing;
        return {
          raw: {
            attach: (attach, [sink]) => {
              closed = () => (sink as ListenerSink).closed();
              attach(sink);
            },
            close: () => queueMicrotask(closed),
          },
        };
      },
    },
  },
];

/** Drivers that connect, listen and accept wrongly. */
const OPENING: readonly Saboteur[] = [
  {
    does: "a driver takes both ends of a connection for one",
    breaks: [
      "the ends of a connection name each other",
      "a socket that is bound first connects from that address",
    ],
    driver: {
      stream: (raw) => ({
        raw: { localAddress: (right) => raw.remoteAddress ?? right() },
      }),
    },
  },
  {
    does: "a driver forgets the address of the peer",
    breaks: [
      "a socket tells its state in toString",
      "a socket that is bound first connects from that address",
    ],
    driver: {
      stream: () => ({ raw: { remoteAddress: () => undefined } }),
    },
  },
  {
    does: "a driver takes one connection and no more",
    breaks: [
      "connections wait while no accept is pending",
      "1,000 connects are all served when no accept is pending",
      "RST before accept does not stop the listener",
      "a peer that reset before accept gives its bytes, then ECONNRESET",
      "a listener is readable when accept will not wait",
    ],
    driver: {
      listener: () => {
        let count = 0;
        return {
          sink: {
            connection: (tell, [stream]) => {
              if (count++ === 0) tell(stream);
            },
          },
        };
      },
    },
  },
  {
    does: "a driver gives every failure to connect another code",
    breaks: [
      "connect is ECONNREFUSED of connect when the port is 0",
      "connect is EAI_NONAME of connect when a zone is no interface",
      "a socket connects, and can be used again, after a failed connect",
      "connect is ECONNREFUSED when nobody listens at a port",
      "connect is ECONNREFUSED when nobody listens at an abstract name",
      "connect is ENOENT when a Unix path does not exist",
      "connect is ENETUNREACH when no stream can go to an address, being one of a group",
    ],
    driver: {
      runtime: {
        connect: (right, args) =>
          right(...args).catch((fault: Fault) => {
            throw new Fault("ECONNABORTED", fault);
          }),
      },
    },
  },
  {
    does: "a driver lets two listeners have one address",
    breaks: [
      "bind is EADDRINUSE when another socket has the address",
      "bind is EADDRINUSE when another socket has the address that listen() claims",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) =>
          right(options).catch(() =>
            right({
              ...options as RawListenOptions,
              address: { family: "ipv4", hostname: "127.0.0.1", port: 0 },
            })
          ),
      },
    },
  },
  {
    does: "a driver does not heed who calls a connect off",
    breaks: [
      "a surplus of connections never stops a listener",
    ],
    driver: {
      runtime: {
        connect: (right, [options]) =>
          right({ ...options as RawConnectOptions, signal: undefined }),
      },
    },
  },
  {
    does: "a driver connects from any address",
    breaks: [
      "a client is seen at its localAddress",
    ],
    driver: {
      runtime: {
        connect: (right, [options]) =>
          right({ ...options as RawConnectOptions, localAddress: undefined }),
      },
    },
  },
  {
    does: "a driver shares no port",
    breaks: [
      "reusePort lets two listeners share a port",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) =>
          right({ ...options as RawListenOptions, reusePort: false }),
      },
    },
  },
  {
    does: "a driver gives every listener the same port",
    breaks: [
      "port 0 becomes a port of the kernel's choice",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) => {
          const { address, ...rest } = options as RawListenOptions;
          if (!("port" in address) || address.port !== 0) return right(options);
          const same = { ...address, port: 40_000 };
          return right({ ...rest, address: same, reusePort: true });
        },
      },
    },
  },
  {
    does: "a driver takes every listener for one of IPv6 alone",
    breaks: [
      "a listener on [::] serves IPv4 too unless it is ipv6Only",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) =>
          right({ ...options as RawListenOptions, ipv6Only: true }),
      },
    },
  },
  {
    does: "a driver takes no listener for one of IPv6 alone",
    breaks: [
      "an ipv6Only listener refuses IPv4",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) =>
          right({ ...options as RawListenOptions, ipv6Only: false }),
      },
    },
  },
  {
    does: "a driver listens to this machine alone",
    breaks: [
      "an empty host is any address of the socket's family",
      "bind is EADDRNOTAVAIL when no interface has the address",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) => {
          const { address, ...rest } = options as RawListenOptions;
          if (!("port" in address)) return right(options);
          const isIPv4 = address.hostname.includes(".");
          const hostname = isIPv4 ? "127.0.0.1" : "::1";
          return right({ ...rest, address: { ...address, hostname } });
        },
      },
    },
  },
  {
    does: "a driver lets nobody wait where the backlog is the smallest",
    breaks: [
      "no backlog makes listen() fail and the smallest one serves",
    ],
    driver: {
      runtime: {
        listen: (right, [options]) =>
          (options as RawListenOptions).backlog === 1
            ? Promise.reject(new Fault("EINVAL"))
            : right(options),
      },
    },
  },
  {
    does: "a driver knows no name",
    breaks: [
      "a name is connected to whichever of its addresses answers",
    ],
    driver: {
      runtime: { lookup: () => Promise.reject(new Fault("EAI_NONAME")) },
    },
  },
  {
    does: "a driver never ends a look-up",
    breaks: [
      "connect is EAI_NONAME of connect when a name has no address of the local address's family",
      "connect is EAI_NONAME of connect when the host is *",
      "connect is EAI_NONAME when a host name does not exist",
    ],
    driver: { runtime: { lookup: never } },
  },
];

/** Drivers of streams and listeners that break what the seam promises. */
export const DRIVERS: readonly Saboteur[] = [
  ...CARRYING,
  ...ENDING,
  ...OPENING,
];
