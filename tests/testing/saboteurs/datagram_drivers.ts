/**
 * Drivers of datagram sockets that break what the seam promises.
 *
 * @module
 */

import type { Bytes } from "../../../src/contracts.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import type { RawBindOptions } from "../../../src/runtime/seam/datagram.ts";
import { turn } from "../../../src/testing/expect.ts";
import type { Saboteur } from "../saboteur.ts";
import { neverWakes, nothing } from "./kit.ts";

/** Drivers of datagram sockets. */
export const DATAGRAM_DRIVERS: readonly Saboteur[] = [
  {
    does: "a driver cuts datagrams to what fits in one packet",
    breaks: [
      "a datagram arrives whole and alone, whatever its size",
      "a datagram too long is EMSGSIZE, never cut, and stops nothing",
    ],
    driver: {
      datagram: () => ({
        sink: {
          datagram: (tell, [data, ...rest]) =>
            tell((data as Bytes).slice(0, 1_472), ...rest),
        },
      }),
    },
  },
  {
    does: "a driver drops empty datagrams",
    breaks: [
      "an empty datagram is an empty array, and one of many",
      "tryRecvFrom gives what came, datagram by datagram",
    ],
    driver: {
      datagram: () => ({
        sink: {
          datagram: (tell, args) =>
            (args[0] as Bytes).length === 0 || tell(...args),
        },
      }),
    },
  },
  {
    does: "a driver sends every other datagram behind the next",
    breaks: [
      "datagrams leave in the order of the calls, though not awaited",
      "datagrams leave in order when the socket was not bound",
    ],
    driver: {
      datagram: () => {
        let held: (() => void) | undefined;
        return {
          raw: {
            send: (send, [data, ...rest]) => {
              const copy = (data as Bytes).slice();
              if (held === undefined) {
                held = () => send(copy, ...rest);
                return true;
              }
              send(copy, ...rest);
              held();
              held = undefined;
              return true;
            },
          },
        };
      },
    },
  },
  {
    does: "a driver shows memory that is reused after a send of datagrams",
    breaks: [
      "memory may be reused once a send has settled",
      "memory may be reused once a send was aborted",
    ],
    driver: {
      datagram: () => ({
        raw: {
          send: (send, args) => {
            void turn().then(() => send(...args)).catch(nothing);
            return true;
          },
        },
      }),
    },
  },
  {
    does: "a driver stops for good when a receiver is full",
    breaks: [
      "a receiver nobody reads is bounded, and goes on when read",
    ],
    driver: {
      datagram: () => {
        let isFull = false;
        return {
          sink: {
            datagram: (tell, args) => {
              isFull ||= !tell(...args);
              return !isFull;
            },
          },
        };
      },
    },
  },
  {
    does: "a driver takes no datagram and never says why",
    breaks: [
      "a send of before connect goes where it was sent, one of after too",
    ],
    driver: { datagram: () => ({ raw: { send: () => false } }) },
  },
  {
    does: "a driver never tells that nobody was there",
    breaks: [
      "a connected socket is ECONNREFUSED when nobody is there, and lives",
    ],
    driver: { datagram: () => ({ sink: { failed: nothing } }) },
  },
  {
    does: "a driver takes every tenth receiver for nobody",
    breaks: [
      "an unconnected socket never fails because nobody was there",
      "close settles every send that is under way",
    ],
    driver: {
      datagram: () => {
        let sends = 0;
        return {
          raw: {
            send: (send, args) => {
              if (++sends % 10 === 0) throw new Fault("ECONNREFUSED");
              return send(...args);
            },
          },
        };
      },
    },
  },
  {
    does: "a driver forgets what it has when it closes",
    breaks: [
      "what trySendTo accepted is sent though the socket is closed",
    ],
    driver: {
      datagram: () => {
        let isClosed = false;
        return {
          raw: {
            send: (send, [data, ...rest]) => {
              const copy = (data as Bytes).slice();
              void turn().then(() => isClosed || send(copy, ...rest))
                .catch(nothing);
              return true;
            },
            close: (close) => {
              isClosed = true;
              close();
            },
          },
        };
      },
    },
  },
  {
    does: "a driver takes no datagram, and close wakes nobody who sends",
    breaks: [
      "close settles every send that is under way",
    ],
    driver: { datagram: () => ({ raw: { send: () => false } }) },
    datagram: { sendTo: neverWakes },
  },
  {
    does: "a driver lets two datagram sockets have one address",
    breaks: [
      "a bound address is EADDRINUSE, a second bind EINVAL",
    ],
    driver: {
      runtime: {
        bindDatagram: (right, [options]) =>
          right({ ...options as RawBindOptions, reuseAddr: true }),
      },
    },
  },
  {
    does: "a driver binds to an address that is here where it is to another",
    breaks: [
      "a bind to an address that is not here is EADDRNOTAVAIL",
    ],
    driver: {
      runtime: {
        bindDatagram: (right, [options]) => {
          const { address, ...rest } = options as RawBindOptions;
          if (address.family === "unix") return right(options);
          const hostname = address.family === "ipv4" ? "127.0.0.1" : "::1";
          return right({ ...rest, address: { ...address, hostname } });
        },
      },
    },
  },
];
