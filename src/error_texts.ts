/**
 * What the messages of errors say: what a call was about to do, why it did
 * not, and the way out where the reason is on this side.
 *
 * @module
 */

/**
 * What each method was about to do. The last word goes before an address, and
 * is left out without one.
 */
const INTENTS: Readonly<Record<string, string>> = {
  accept: "accept on",
  acceptFrom: "accept from", // no method: the same, told of a client
  bind: "bind to",
  connect: "connect to",
  detach: "detach the connection to",
  fileno: "tell the descriptor of",
  getPeerName: "tell the peer of",
  getSockOpt: "read an option of",
  listen: "listen on",
  makeFile: "make a file of",
  recv: "receive from",
  recvExactly: "receive from",
  recvFrom: "receive on",
  recvFromInto: "receive on",
  recvInto: "receive from",
  recvMsg: "receive on",
  recvSync: "receive from",
  recvUntil: "receive from",
  register: "register the socket at",
  reset: "reset the connection to",
  select: "select on",
  send: "send to",
  sendAll: "send to",
  sendFile: "send a file to",
  sendAllSync: "send to",
  sendMany: "send to",
  sendTo: "send to",
  serve: "serve at",
  setSockOpt: "set an option of",
  shutdown: "shut down the connection to",
  socket: "make a socket for",
  socketPair: "make a pair of sockets at",
  startTls: "start TLS with",
  tryAccept: "accept on",
  tryRecv: "receive from",
  tryRecvFrom: "receive on",
  tryRecvInto: "receive from",
  trySend: "send to",
  trySendTo: "send to",
  unregister: "unregister the socket at",
};

/** What failed, as the beginning of a sentence; `address` as a text. */
export function whatFailed(op: string, address: string | undefined): string {
  const intent = INTENTS[op];
  if (intent !== undefined) {
    const words = address === undefined
      ? intent.replace(/ \w+$/, "")
      : `${intent} ${address}`;
    return `Cannot ${words}`;
  }
  return address === undefined ? `${op} failed` : `${op} failed for ${address}`;
}

/** What a call of a name is about, where its text depends on that. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^(tryRecv|recv|read)/, "receive"],
  [/^(trySend|send|write|flush)/, "send"],
  [/^(tryAccept|accept)/, "accept"],
  [/^(connect|get)/, "question"],
];

type Kind = "receive" | "send" | "accept" | "question" | "other";

function kindOf(op: string): Kind {
  return KINDS.find(([pattern]) => pattern.test(op))?.[1] ?? "other";
}

/**
 * Why a call was refused by the library itself, and what to do: a text for the
 * codes whose C text says neither. `undefined` where C's is clear.
 */
export function refusalText(code: string, op: string): string | undefined {
  if (code === "EBUSY") return busyText(op);
  if (code === "EINVAL") return STATES[op];
  return REFUSALS[code];
}

const REFUSALS: Readonly<Record<string, string>> = {
  EAGAIN: "it would have to wait (resource temporarily unavailable)",
  EBADF: "the socket is closed",
  EDESTADDRREQ: "no destination: connect() first, or give an address",
  EISCONN: "the socket is connected already",
  ENOTCONN: "the socket is not connected: await connect() first",
  EPIPE: "the sending side has ended: it was shut down, or the peer is gone",
};

const NOT_LISTENING = "the socket does not listen: await listen() first";

/** What `EINVAL` means of a call in the wrong state. */
const STATES: Readonly<Record<string, string>> = {
  accept: NOT_LISTENING,
  bind: "the socket is bound or connected already",
  serve: NOT_LISTENING,
  tryAccept: NOT_LISTENING,
};

function busyText(op: string): string {
  const kind = kindOf(op);
  const what = kind === "question" || kind === "other" ? "call" : kind;
  return `another ${what} is pending: await it first, or abort it`;
}

/** What did not happen within the time a call was given. */
export function lateText(op: string, timeoutMs: number): string {
  const within = `within ${timeoutMs} ms`;
  switch (kindOf(op)) {
    case "receive":
      return /Exactly|Until|Line$/.test(op)
        ? `not all came ${within}; nothing is lost, and the socket lives`
        : `nothing came ${within}; the socket lives`;
    case "send":
      return `not all was taken ${within}; bytesSent tells how much was`;
    case "accept":
      return `nobody came ${within}; the socket listens on`;
    case "question":
      return `no answer came ${within}`;
    case "other":
      return `it was not done ${within}`;
  }
}

/** C's texts begin sentences; here they go on in one, acronyms as they are. */
export function inSentence(text: string): string {
  return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
