/**
 * Streams that take no notice of their state, their time and their names.
 *
 * @module
 */

import type { StreamSocket } from "../../../src/socket/mod.ts";
import type { Saboteur } from "../saboteur.ts";
import { failsWith, nothing, outlivesItsSignal } from "./kit.ts";

/** The peers of sockets, which may have closed. */
const peers = new WeakMap<StreamSocket, unknown>();

/** Sockets that take no notice of their state, their time and their names. */
export const STATES: readonly Saboteur[] = [
  {
    does: "recv fails with another code",
    breaks: [
      "a listening socket is ENOTCONN when used as a stream",
    ],
    stream: { recv: failsWith("EIO") },
  },
  {
    does: "recvExactly tells every failure as EAGAIN",
    breaks: [
      "recvExactly is ECONNRESET when the peer crashes mid-message",
    ],
    stream: { recvExactly: failsWith("EAGAIN") },
  },
  {
    does: "recvExactly tells every failure as ETIMEDOUT",
    breaks: [
      "a receive of no bytes waits for none and heeds an aborted signal",
      "close wakes a pending receive with EBADF",
    ],
    stream: { recvExactly: failsWith("ETIMEDOUT") },
  },
  {
    does: "bind tells every failure as EADDRINUSE",
    breaks: [
      "a socket is EINVAL when bound twice or bound too late",
      "bind is EAFNOSUPPORT when a socket of one family is bound to an address of the other",
    ],
    stream: { bind: failsWith("EADDRINUSE") },
  },
  {
    does: "connect tells every failure as ECONNABORTED",
    breaks: [
      "a socket is EISCONN when connected again",
      "a socket is EALREADY when connected while it connects",
      "connect is EAFNOSUPPORT when a socket of one family is given an address of the other",
      "connect is EINPROGRESS when a connect may take no time at all",
      "misuse is RangeError before any I/O when given a negative timeout",
    ],
    stream: { connect: failsWith("ECONNABORTED") },
  },
  {
    does: "connect goes on behind its abort",
    breaks: [
      "close during a connect by name ends it, and it never appears",
      "a connect follows one that was aborted, in that same turn",
      "connects that are aborted one by one leave one connection",
      "an aborted connect rejects with the reason and never appears",
    ],
    stream: { connect: outlivesItsSignal },
  },
  {
    does: "listen tells every failure as EIO",
    breaks: [
      "a connected socket is EINVAL when it listens or accepts",
    ],
    stream: { listen: failsWith("EIO") },
  },
  {
    does: "connectEx tells no failure",
    breaks: [
      "connectEx goes the way of C: in progress, already, connected",
      "a receive tells why a non-blocking connect failed",
    ],
    stream: {
      connectEx: async (right, args) => {
        await right(...args);
        return 0;
      },
    },
  },
  {
    does: "setTimeout does nothing",
    breaks: [
      "a closed listener is EBADF when its timeout is set",
      "setTimeout bounds every call that has no timeout of its own",
      "misuse is RangeError before any I/O when given a timeout that is no number",
    ],
    stream: { setTimeout: nothing },
  },
  {
    does: "setBlocking does nothing",
    breaks: [
      "setBlocking and setTimeout are two words for one thing",
      "every receive of a non-blocking socket that would wait is EAGAIN",
      "an accept of a non-blocking listener that would wait is EAGAIN",
    ],
    stream: { setBlocking: nothing },
  },
  {
    does: "getBlocking tells that calls wait",
    breaks: [
      "setBlocking and setTimeout are two words for one thing",
    ],
    stream: { getBlocking: () => true },
  },
  {
    does: "getPeerName gives the address of this end",
    breaks: [
      "an unbound socket has the wildcard address and no peer",
      "a listening socket is ENOTCONN when used as a stream",
    ],
    stream: { getPeerName: (_right, _args, socket) => socket.getSockName() },
  },
  {
    does: "getPeerName goes on after close",
    breaks: [
      "every call is EBADF after close",
      "getPeerName answers after the peer has ended and until close",
    ],
    stream: {
      getPeerName: (right, _args, socket) => {
        if (!socket.isClosed) peers.set(socket, right());
        return peers.get(socket);
      },
    },
  },
];
