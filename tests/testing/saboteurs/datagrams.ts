/**
 * Datagram sockets that break what their methods promise.
 *
 * @module
 */

import type { Address, Bytes, HostAndPort } from "../../../src/contracts.ts";
import { GaiError, socketError } from "../../../src/errors.ts";
import type { Parcel, ReceivedMessage } from "../../../src/socket/mod.ts";
import { joined, turn } from "../../../src/testing/expect.ts";
import type { Saboteur } from "../saboteur.ts";
import {
  endsBehindItsAbort,
  failsWith,
  neverWakes,
  nothing,
  outlivesItsSignal,
  queues,
  settles,
} from "./kit.ts";

const RECEIVING: readonly Saboteur[] = [
  {
    does: "recvFrom joins the datagrams that are in hand",
    breaks: [
      "two datagrams are never joined when both are in hand",
    ],
    datagram: {
      recvFrom: async (right, args, socket) => {
        const [data, address] = await right(...args) as [Bytes, Address];
        const [more] = socket.tryRecvFrom() ?? [];
        return [more === undefined ? data : joined([data, more]), address];
      },
    },
  },
  {
    does: "recvFrom heeds no options",
    breaks: [
      "MSG_PEEK leaves the datagram, and shares no memory with it",
      "a timed-out receive of datagrams is ETIMEDOUT and loses nothing",
    ],
    datagram: { recvFrom: (right) => right() },
  },
  {
    does: "recvFrom goes on behind its abort",
    breaks: [
      "a receive is refused before it waits when an argument is wrong",
      "an aborted receive of datagrams loses nothing",
    ],
    datagram: { recvFrom: outlivesItsSignal },
  },
  {
    does: "recvFrom ends behind its abort",
    breaks: [
      "a receive is refused before it waits when an argument is wrong",
      "an aborted receive of datagrams loses nothing",
    ],
    datagram: { recvFrom: endsBehindItsAbort },
  },
  {
    does: "recvFrom tells every failure as EIO",
    breaks: [
      "a receive is EBADF when reading its options closes the socket",
      "close wakes a pending receive with EBADF and settles closed",
    ],
    datagram: { recvFrom: failsWith("EIO") },
  },
  {
    does: "recvFrom wants a bound socket",
    breaks: [
      "a receive may begin before the socket is bound",
    ],
    datagram: {
      recvFrom: (right, args, socket) => {
        const address = socket.getSockName();
        return "port" in address && address.port === 0
          ? Promise.reject(socketError("EINVAL", { op: "recvFrom" }))
          : right(...args);
      },
    },
  },
  {
    does: "a second recvFrom waits for the first",
    breaks: [
      "a second receiver is EBUSY when one is pending, and takes nothing",
      "a receive may follow in the abort listener of the one before",
    ],
    datagram: { recvFrom: queues },
  },
  {
    does: "recvFrom is never woken by close",
    breaks: [
      "a receive is EBADF when reading its options closes the socket",
      "close wakes a pending receive with EBADF and settles closed",
    ],
    datagram: { recvFrom: neverWakes },
  },
  {
    does: "recvFromInto takes the next datagram too when it fails",
    breaks: [
      "a receive into memory that was transferred fails and takes nothing",
      "a receive into memory that was shrunk fails and takes nothing",
    ],
    datagram: {
      recvFromInto: async (right, args, socket) => {
        try {
          return await right(...args);
        } catch (error) {
          socket.recvFrom().catch(nothing);
          throw error;
        }
      },
    },
  },
  {
    does: "recvMsg never tells that it cut a datagram",
    breaks: [
      "a datagram is cut when it is longer than asked for, and told",
    ],
    datagram: {
      recvMsg: async (right, args) => ({
        ...await right(...args) as ReceivedMessage,
        truncated: false,
      }),
    },
  },
  {
    does: "recvMsg waits, whatever it is told",
    breaks: [
      "a receive is EAGAIN when it may not wait",
    ],
    datagram: { recvMsg: (right) => right() },
  },
  {
    does: "tryRecvFrom gives nothing",
    breaks: [
      "tryRecvFrom gives what came, datagram by datagram",
    ],
    datagram: { tryRecvFrom: nothing },
  },
  {
    does: "for await over datagrams closes the socket when it is left",
    breaks: [
      "for await gives datagrams, loses none when left, ends with close",
      "close ends a for await that waits",
    ],
    datagram: {
      [Symbol.asyncIterator]: async function* (_right, _args, socket) {
        try {
          for (;;) yield await socket.recvFrom();
        } finally {
          await socket.close();
        }
      },
    },
  },
  {
    does: "for await over datagrams fails when the socket closes",
    breaks: [
      "20,000 sends that are not awaited are all sent, and in time",
      "close ends a for await that waits",
    ],
    datagram: {
      [Symbol.asyncIterator]: async function* (_right, _args, socket) {
        for (;;) yield await socket.recvFrom();
      },
    },
  },
  {
    does: "stats count nothing",
    breaks: [
      "stats count datagrams",
      "20,000 sends that are not awaited are all sent, and in time",
    ],
    datagram: { stats: () => ({ received: 0, sent: 0, dropped: 0 }) },
  },
];

const SENDING: readonly Saboteur[] = [
  {
    does: "sendTo sends by name a turn later than by number",
    breaks: [
      "a name is resolved, and later datagrams wait for it",
    ],
    datagram: {
      sendTo: async (right, args) => {
        const [, address] = args;
        const { hostname } = address as HostAndPort;
        if (hostname === "localhost") await turn();
        return await right(...args);
      },
    },
  },
  {
    does: "sendTo closes the socket when a name has no address",
    breaks: [
      "a name without address fails its own datagram alone",
    ],
    datagram: {
      sendTo: (right, args, socket) =>
        right(...args).catch((error: unknown) => {
          if (error instanceof GaiError) void socket.close();
          throw error;
        }),
    },
  },
  {
    does: "sendTo tells every failure as EIO",
    breaks: [
      "more waiting sends than 65,536 are ENOBUFS",
    ],
    datagram: { sendTo: failsWith("EIO") },
  },
  {
    does: "send tells every failure as EIO",
    breaks: [
      "a send is EDESTADDRREQ without a peer, EINVAL to port 0",
    ],
    datagram: { send: failsWith("EIO") },
  },
  {
    does: "sendTo sends each piece alone",
    breaks: [
      "a datagram that is given in pieces leaves as one",
    ],
    datagram: {
      sendTo: async (right, [data, ...rest]) => {
        if (!Array.isArray(data)) return await right(data, ...rest);
        let sent = 0;
        for (const piece of data) sent += Number(await right(piece, ...rest));
        return sent;
      },
    },
  },
  {
    does: "sendTo takes memory that is gone for an empty datagram",
    breaks: [
      "memory that was transferred is not sent as an empty datagram",
    ],
    datagram: {
      sendTo: (right, [data, ...rest]) =>
        right(
          data instanceof Uint8Array && data.buffer.byteLength === 0
            ? ""
            : data,
          ...rest,
        ),
    },
  },
  {
    does: "sendTo copies what it is given, whatever comes of it",
    breaks: [
      "memory that is transferred while its send waits is not sent",
    ],
    datagram: {
      sendTo: (right, [data, ...rest]) =>
        right(data instanceof Uint8Array ? data.slice() : data, ...rest),
    },
  },
  {
    does: "sendTo settles at once, each time",
    breaks: [
      "a loop of sends lets timers run",
    ],
    datagram: { sendTo: () => Promise.resolve(1) },
  },
  {
    does: "sendTo is never woken by close",
    breaks: [
      "a send is EBADF when reading its options closes the socket",
    ],
    datagram: { sendTo: neverWakes },
  },
  {
    does: "trySendTo sends nothing",
    breaks: [
      "trySendTo of an unbound socket binds it and then sends",
    ],
    datagram: { trySendTo: nothing },
  },
  {
    does: "trySendTo writes into the memory it is given",
    breaks: [
      "trySendTo sends at once and leaves the memory alone",
    ],
    datagram: {
      trySendTo: (right, [data, address]) => {
        if (data instanceof Uint8Array) data.fill(9);
        return right(data, address);
      },
    },
  },
  {
    does: "sendMany sends the last first",
    breaks: [
      "sendMany sends all in order",
      "a connected socket sends to its peer, and to nobody else",
    ],
    datagram: {
      sendMany: (right, [parcels, ...rest]) =>
        right([...parcels as Parcel[]].reverse(), ...rest),
    },
  },
  {
    does: "sendMany stops at the first failure",
    breaks: [
      "sendMany tells of a failure and sends the rest",
      "sendMany tries all though some cannot go, and tells the first",
      "sendMany refuses what is no datagram before anything leaves",
    ],
    datagram: {
      sendMany: async (_right, [parcels], socket) => {
        for (const [data, address] of parcels as Parcel[]) {
          await (address ? socket.sendTo(data, address) : socket.send(data));
        }
        return (parcels as Parcel[]).length;
      },
    },
  },
];

const STATES: readonly Saboteur[] = [
  {
    does: "connect of a datagram socket does nothing",
    breaks: [
      "a connected socket hears its peer alone",
      "connect drops what strangers have sent before",
      "an unbound socket that connects has an address and a peer",
      "a send of before connect goes where it was sent, one of after too",
    ],
    datagram: { connect: settles },
  },
  {
    does: "connect of a datagram socket goes on behind its abort",
    breaks: [
      "a connect that was aborted leaves an unbound socket as it was",
    ],
    datagram: { connect: outlivesItsSignal },
  },
  {
    does: "connect of a datagram socket ends behind its abort",
    breaks: [
      "connect may follow in the abort listener of the one before",
      "a bind may follow in the turn in which a connect was aborted",
    ],
    datagram: { connect: endsBehindItsAbort },
  },
  {
    does: "connect of a datagram socket waits for the one that is pending",
    breaks: [
      "a second connect is EALREADY while one is pending",
    ],
    datagram: { connect: queues },
  },
  {
    does: "connect of a datagram socket is never woken by close",
    breaks: [
      "close ends a pending connect with EBADF",
    ],
    datagram: { connect: neverWakes },
  },
  {
    does: "a second connect of a datagram socket does nothing",
    breaks: [
      "a second connect changes the peer",
    ],
    datagram: {
      connect: async (right, args, socket) => {
        if (!peers.has(socket)) await right(...args);
        peers.add(socket);
      },
    },
  },
  {
    does: "bind of a datagram socket is never woken by close",
    breaks: [
      "close during a bind leaves nothing open",
    ],
    datagram: { bind: neverWakes },
  },
  {
    does: "bind of a datagram socket tells every failure as EIO",
    breaks: [
      "a bound address is EADDRINUSE, a second bind EINVAL",
      "a bind to an address that is not here is EADDRNOTAVAIL",
    ],
    datagram: { bind: failsWith("EIO") },
  },
  {
    does: "getSockName of a datagram socket knows no close",
    breaks: [
      "every call of a datagram socket is EBADF after close",
    ],
    datagram: {
      getSockName: (right, _args, socket) =>
        socket.isClosed
          ? { family: "ipv4", hostname: "0.0.0.0", port: 0 }
          : right(),
    },
  },
];

const peers = new WeakSet<object>();

/** Datagram sockets that break what their methods promise. */
export const DATAGRAMS: readonly Saboteur[] = [
  ...RECEIVING,
  ...SENDING,
  ...STATES,
];
