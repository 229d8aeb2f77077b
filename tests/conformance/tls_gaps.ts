/**
 * Laws that say nothing about streams of TLS, or that a runtime's engine keeps
 * from holding: each is skipped by name, with its cause.
 *
 * @module
 */

import type { KnownGap } from "./known_gaps.ts";

/** The laws that send on after the peer's end. */
const HALF_OPEN =
  /^(a stream loses and reorders no byte when both sides send|for await gives every byte and leaving early|an answer (arrives|by)|a question arrives|SHUT_WR flushes and later|close does not wait for the peer's end|writable\.close is SHUT_WR|piping readable into writable|a socket closes itself once both|a socket stays open while one|input that comes during close costs|the end of a stream is readable|shutdown\(SHUT_WR\)|SHUT_RDWR ends both)/;

/** The laws in which a plain socket connects to a listener. */
const PLAIN =
  /^(calls of a file are ENOTCONN until|web streams (of a socket that connects|closed while the socket connects)|a socket that is bound first|a socket connects, and can be used|a connect follows one that was aborted|connects that are aborted one by one|reusePort lets two|a non-blocking connect|a socket that connects waits|connectEx goes the way|SO_ERROR tells why)/;

/** The laws that have a listener whose connections can send RST. */
const ABORTIVE =
  /^(an answer by (sendAll|trySend) arrives when|a sendAll with(out)? a deadline that cannot end|an end after close means|the end stays an end when a reset comes|a pending send is ECONNRESET|a writer that is full is writable and dead|death is seen by who waits|a dead socket (comes back|is told))/;

/** All of them. */
export const TLS_GAPS: readonly KnownGap[] = [
  {
    columns: /^bun\/.*\/(start)?tls$/,
    laws: HALF_OPEN,
    cause: "Bun's engine ends both ways at the peer's close_notify",
  },
  {
    columns: /[/ ]tls$/,
    laws: PLAIN,
    cause: "a plain socket is no client of a listener that speaks TLS",
  },
  {
    columns: /[/ ]tls$/,
    laws: /^a surplus of connections never stops/,
    cause: "a surplus client's connect fails with its handshake",
  },
  {
    columns: /[/ ]tls$/,
    laws: /^1,000 connects are all served/,
    cause: "a thousand handshakes outlast the watchdog on a busy machine",
  },
  {
    columns: /[/ ]tls$/,
    laws: /^(an accept gives who came in time|a connect that was answered in)/,
    cause: "a handshake takes several turns, and a late loop has none for it",
  },
  {
    columns: /^deno\/native\/.*\/tls$/,
    laws: /^closing a listener ends connections that nobody/,
    cause: "without RST the end of a stream of TLS is TLS_TRUNCATED",
  },
  {
    columns: /^deno\//,
    laws: /^the end stays an end when a send fails before it is read/,
    cause: "the peer's end is in a record that nobody has decrypted yet",
  },
  {
    columns: /\/native tls$/,
    laws:
      /^(a stream is TLS_TRUNCATED behind|startTls closes the socket when it fails|what is sent over TLS is not seen)/,
    cause: "what is tapped is a web stream, which has no native TLS",
  },
  {
    columns: /^deno\/.*\/native tls$/,
    laws: ABORTIVE,
    cause: "a listener of Deno's own TLS takes no `abortive`",
  },
  {
    columns: /^deno\/.*\/native tls$/,
    laws:
      /^(a reset is no end when (recv waits and )?our side ends just then|RST before accept does not stop|a peer that reset before accept gives)/,
    cause: "a write of rustls' own takes a reset away, which Deno tells as " +
      "TLS_TRUNCATED: no end either",
  },
  {
    columns: /^node\d+\/node:net\/.*\/native tls$/,
    laws: /^a reset is no end when (recv waits and )?our side ends just then$/,
    cause: "on its own socket node:tls tells a reset that meets our end as " +
      "the peer's end",
  },
];

/** The laws that count bytes from the first: no plain ones may go before. */
export const COUNTING: RegExp =
  /^(a stream loses|a reader that stops|sendAll sends its pieces|send gives how many|trySend gives undefined|recv gives one byte|recvInto fills the front|MSG_PEEK shows later|recvUntil finds|an aborted sendAll|a timed-out sendAll|a send never shows|a send is over in|an already aborted signal|a second sender|SHUT_WR flushes|SHUT_RD never blocks|a pending send is ECONNRESET|a file sends what|a file flush|misuse of a connected|every send of a non-blocking|a non-blocking sendAll)/;
