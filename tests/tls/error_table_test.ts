/**
 * Each row of the table of errors, in both roles and both versions, met with a
 * peer that is no part of the library and writes whatever records it likes.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { TlsError } from "../../src/errors.ts";
import { connect, type StreamSocket } from "../../src/socket/mod.ts";
import type {
  TlsClientOptions,
  TlsServerOptions,
  TlsVersion,
} from "../../src/tls_contracts.ts";
import { test } from "../harness.ts";
import { thisRuntime } from "../runtimes.ts";
import {
  asFile,
  authority,
  certificate,
  lackOfOpenssl,
  localhost,
  type Made,
} from "../support/certificates.ts";
import type { PeerSocket, PeerTarget } from "../support/raw_peer.ts";
import {
  type PeerTls,
  type PeerTlsEnd,
  startTlsPeer,
  type TlsPeer,
} from "../support/tls_peer.ts";
import { missing } from "../strangers/programs.ts";
import { closeAll, serve, told, until, VERSIONS } from "./kit.ts";

const skip = lackOfOpenssl() ?? missing("python3");
const NAMES = "DNS:localhost,IP:127.0.0.1";
const CA = "basicConstraints=critical,CA:TRUE";
const OF_CLIENTS = "extendedKeyUsage=clientAuth";
const OF_SERVERS = "extendedKeyUsage=serverAuth";
const WRONG_PIN = "F5zSlzDRjmOlX9hE5YSQavU5BkPeq9APKudJQEhgCAU=";

/** So many rows are met side by side: most wait for something. */
const AT_ONCE = 6;

const isDeno = thisRuntime() === "deno";

/** The files made, by what is in them: peers read them while others begin. */
const paths: Map<string, string> = new Map();

function fileOf(text: string): string {
  const path = paths.get(text) ?? asFile(`peer${paths.size}.pem`, text);
  paths.set(text, path);
  return path;
}

/** The files of a certificate, as the peer wants them. */
function files({ cert, key }: Made): Partial<PeerTls> {
  return { certFile: fileOf(cert), keyFile: fileOf(key) };
}

function alert(number: number): Uint8Array {
  return new Uint8Array([21, 3, 3, 0, 2, 2, number]);
}

/**
 * The same bytes, but for one bit near the end: of the seal of the last
 * record, or the type of a `ServerHelloDone`.
 */
function changed(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  other[other.length - 4]! ^= 1;
  return other;
}

/** What a row has at hand. */
interface Scene {
  readonly peer: TlsPeer;
  readonly version: TlsVersion;
  /** The peer's end of the connection. */
  readonly socket: PeerSocket;
  /** Settles when the library has given the first bytes. */
  readonly heard: Promise<void>;
  /** TLS over it, as the row's peer. */
  begin(more?: Partial<PeerTls>): Promise<PeerTlsEnd>;
}

/** What the peer does, and what the library says. */
interface Row<Options> {
  /** What the library is told. */
  readonly options?: () => Options;
  /** What the peer does. */
  play(scene: Scene): Promise<void>;
  /** What is told, where the versions differ of each. */
  readonly tells: string | Readonly<Record<TlsVersion, string>>;
  /** What Deno tells instead: its engine does not say why it does not trust. */
  readonly onDeno?: string;
}

/** Rows that hold after the handshake, whoever began it. */
const AFTER: Readonly<
  Record<
    string,
    Omit<Row<never>, "play"> & {
      fault(end: PeerTlsEnd): Promise<void>;
    }
  >
> = {
  "close_notify and FIN": {
    fault: async (end) => await end.socket.sendLast(await end.notify()),
    tells: "whole, end",
  },
  "data, close_notify and FIN in one segment": {
    fault: async (end) => {
      const data = await end.seal(" more");
      const notify = await end.notify();
      await end.socket.sendLast(new Uint8Array([...data, ...notify]));
    },
    tells: "whole more, end",
  },
  "FIN": {
    fault: (end) => end.socket.shutdown(),
    tells: "whole, recv TLS_TRUNCATED",
  },
  "half a record and FIN": {
    fault: async (end) =>
      await end.socket.sendLast((await end.seal("lost")).subarray(0, 9)),
    tells: "whole, recv TLS_TRUNCATED",
  },
  "RST": {
    fault: (end) => end.socket.reset(),
    tells: "whole, recv ECONNRESET",
  },
  "a changed record": {
    fault: async (end) => await end.socket.send(changed(await end.seal("x"))),
    tells: "whole, recv TLS_RECORD",
  },
  "plain text": {
    fault: (end) => end.socket.send("HTTP/1.0 500 Sorry\r\n\r\n"),
    tells: "whole, recv TLS_RECORD",
  },
  "a record that nobody sealed": {
    fault: (end) =>
      end.socket.send(new Uint8Array([23, 3, 3, 0, 32, ...Array(32).fill(7)])),
    tells: "whole, recv TLS_RECORD",
  },
  "a record that is too long": {
    fault: (end) =>
      end.socket.send(
        new Uint8Array([23, 3, 3, 0xff, 0xff, ...Array(99).fill(7)]),
      ),
    tells: "whole, recv TLS_RECORD",
  },
};

/** Those rows, behind a handshake. */
function afterwards<Options>(): Record<string, Row<Options>> {
  const rows = Object.entries(AFTER).map(([what, { fault, tells }]) => {
    const play = async (scene: Scene): Promise<void> => {
      const end = await scene.begin();
      await end.handshake();
      await scene.socket.send(await end.seal("whole"));
      await scene.heard;
      await fault(end);
    };
    return [`after the handshake ${what}`, { play, tells }];
  });
  return Object.fromEntries(rows);
}

/** Alerts in the clear, in the place of whatever is awaited. */
const ALERTS: Readonly<Record<number, string>> = {
  40: "TLS_ALERT handshake_failure",
  42: "TLS_ALERT bad_certificate",
  48: "TLS_ALERT unknown_ca",
  70: "TLS_VERSION protocol_version",
  71: "TLS_CIPHER insufficient_security",
  80: "TLS_ALERT internal_error",
  90: "TLS_ALERT user_canceled",
  112: "TLS_ALERT unrecognized_name",
  120: "TLS_ALPN no_application_protocol",
};

/** A server that is told by the file and the certificate of its identity. */
function shows(
  made: () => Made,
  tells: string,
  options?: () => TlsClientOptions,
): Row<TlsClientOptions> {
  return {
    ...(options === undefined ? {} : { options }),
    play: async ({ begin }) => {
      const end = await begin(files(made()));
      await end.handshake().catch(() => {});
    },
    tells: `connect ${tells}`,
  };
}

/** A server that wants a certificate of its client, and says why not. */
function wantsCertificate(
  options: () => TlsClientOptions,
  tells: Readonly<Record<TlsVersion, string>>,
  isReset: boolean,
): Row<TlsClientOptions> {
  return {
    options,
    play: async ({ begin, socket }) => {
      const end = await begin({ caFile: fileOf(authority().cert) });
      await socket.send(await end.flight());
      const last = await end.flight();
      if (isReset) await socket.sendAndReset(last);
      else await socket.sendLast(last);
    },
    tells,
  };
}

const NO_CERTIFICATE = {
  "TLSv1.2": "connect TLS_ALERT handshake_failure",
  "TLSv1.3": "recv TLS_ALERT certificate_required",
};

const STRANGE_CERTIFICATE = {
  "TLSv1.2": "connect TLS_ALERT unknown_ca",
  "TLSv1.3": "recv TLS_ALERT unknown_ca",
};

function strangeClient(): Made {
  return certificate("strange client", {
    name: "strange client",
    by: "self",
    extensions: OF_CLIENTS,
  });
}

const CLIENT_ROWS: Readonly<Record<string, Row<TlsClientOptions>>> = {
  "a banner": {
    play: ({ socket }) => socket.send("220 mail.example.org ESMTP\r\n"),
    tells: "connect TLS_NOT_TLS",
  },
  "HTTP": {
    play: async ({ socket }) => {
      await socket.recv();
      await socket.sendLast("HTTP/1.0 400 Bad Request\r\n\r\n");
    },
    tells: "connect TLS_NOT_TLS",
  },
  "FIN": {
    play: ({ socket }) => socket.shutdown(),
    tells: "connect TLS_CLOSED",
  },
  "half a flight and FIN": {
    play: async ({ begin, socket }) => {
      const flight = await (await begin()).flight();
      await socket.sendLast(flight.subarray(0, flight.length >> 1));
    },
    tells: "connect TLS_CLOSED",
  },
  "RST": {
    play: ({ socket }) => socket.reset(),
    tells: "connect ECONNRESET",
  },
  "half a flight and RST": {
    play: async ({ begin, socket }) => {
      const flight = await (await begin()).flight();
      await socket.send(flight.subarray(0, flight.length >> 1));
      await socket.reset();
    },
    tells: "connect ECONNRESET",
  },
  ...Object.fromEntries(
    Object.entries(ALERTS).flatMap(([number, tells]) => {
      const bytes = alert(Number(number));
      const row = (play: Row<never>["play"]) => ({
        play,
        tells: `connect ${tells}`,
      });
      return [
        [
          `alert ${number} and FIN`,
          row(async ({ socket }) => {
            await socket.recv();
            await socket.sendLast(bytes);
          }),
        ],
        [
          `alert ${number} and RST`,
          row(async ({ socket }) => {
            await socket.recv();
            await socket.sendAndReset(bytes);
          }),
        ],
      ];
    }),
  ),
  "its alert that it wants a certificate": wantsCertificate(
    () => ({}),
    NO_CERTIFICATE,
    false,
  ),
  "its alert that it wants a certificate, and RST": wantsCertificate(
    () => ({}),
    NO_CERTIFICATE,
    true,
  ),
  "its alert that it does not know the authority": wantsCertificate(
    strangeClient,
    STRANGE_CERTIFICATE,
    false,
  ),
  "its alert that it does not know the authority, and RST": wantsCertificate(
    strangeClient,
    STRANGE_CERTIFICATE,
    true,
  ),
  "a hello of TLS 1.1": {
    play: async ({ socket }) => {
      await socket.recv();
      await socket.sendLast(
        new Uint8Array([
          ...[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2],
          ...Array(32).fill(1),
          ...[0, 0xc0, 0x13, 0],
        ]),
      );
    },
    tells: "connect TLS_VERSION",
  },
  "a message that is none": {
    play: async ({ socket }) => {
      await socket.recv();
      await socket.sendLast(new Uint8Array([22, 3, 3, 0, 4, 99, 0, 0, 0]));
    },
    tells: "connect TLS_HANDSHAKE",
  },
  "a flight that was changed": {
    play: async ({ begin, socket }) => {
      const end = await begin();
      await socket.sendLast(changed(await end.flight()));
    },
    tells: "connect TLS_HANDSHAKE",
  },
  "an unknown authority": shows(() => {
    certificate("stranger", { name: "stranger", by: "self", extensions: CA });
    return certificate("strange", { for: NAMES, by: "stranger" });
  }, "TLS_CERT_UNTRUSTED"),
  "a self-signed certificate": shows(
    () => certificate("self", { name: "localhost", for: NAMES, by: "self" }),
    "TLS_CERT_UNTRUSTED",
  ),
  "an expired certificate": shows(
    () => certificate("old", { for: NAMES, to: "20210101000000Z" }),
    "TLS_CERT_EXPIRED",
  ),
  "a certificate of the future": shows(
    () => certificate("young", { for: NAMES, from: "20480101000000Z" }),
    "TLS_CERT_NOT_YET_VALID",
  ),
  "a certificate for another name": shows(
    () => certificate("elsewhere", { for: "DNS:elsewhere.example" }),
    "TLS_CERT_NAME",
  ),
  "a certificate for clients": shows(
    () => certificate("of clients", { for: NAMES, extensions: OF_CLIENTS }),
    "TLS_CERT_INVALID",
  ),
  "a chain that is longer than allowed": {
    ...shows(() => {
      const extensions = `${CA},pathlen:0`;
      const shallow = certificate("shallow", { name: "shallow", extensions });
      const deeper = certificate("deeper", {
        name: "deeper",
        by: "shallow",
        extensions: CA,
      });
      const leaf = certificate("deep", { for: NAMES, by: "deeper" });
      return { ...leaf, cert: leaf.cert + deeper.cert + shallow.cert };
    }, "TLS_CERT_INVALID"),
    onDeno: "connect TLS_CERT_UNTRUSTED",
  },
  "another key than the pin": shows(
    localhost,
    "TLS_CERT_PIN",
    () => ({ pins: [WRONG_PIN] }),
  ),
  "another key than the pin alone": shows(
    () => certificate("self", { name: "localhost", for: NAMES, by: "self" }),
    "TLS_CERT_PIN",
    () => ({ pins: [WRONG_PIN], ca: undefined as never }),
  ),
  ...afterwards<TlsClientOptions>(),
};

/** A client with a certificate, or none. */
function shown(
  made: (() => Made) | undefined,
  tells: string,
  more: Partial<TlsServerOptions> = {},
): Row<Partial<TlsServerOptions>> {
  return {
    options: () => ({ requestCert: true, ca: authority().cert, ...more }),
    play: async ({ begin }) => {
      const shows = made === undefined ? {} : files(made());
      const end = await begin(shows);
      await end.handshake().catch(() => {});
    },
    tells: `accept ${tells}`,
  };
}

function goodClient(): Made {
  return certificate("good client", { extensions: OF_CLIENTS });
}

/** A hello whose suites are none that anybody knows. */
function withoutSuites(hello: Uint8Array): Uint8Array {
  const bytes = hello.slice();
  const at = 44 + bytes[43]!; // behind record, message, version, random, session
  const length = bytes[at]! << 8 | bytes[at + 1]!;
  for (let i = 0; i < length; i += 2) bytes.set([0x5a, i], at + 2 + i);
  return bytes;
}

const SERVER_ROWS: Readonly<Record<string, Row<Partial<TlsServerOptions>>>> = {
  "HTTP": {
    play: ({ socket }) => socket.send("GET / HTTP/1.0\r\n\r\n"),
    tells: "accept TLS_NOT_TLS",
  },
  "FIN": {
    play: ({ socket }) => socket.shutdown(),
    tells: "accept TLS_CLOSED",
  },
  "half a hello and FIN": {
    play: async ({ begin, socket }) => {
      const hello = await (await begin()).flight();
      await socket.sendLast(hello.subarray(0, hello.length >> 1));
    },
    tells: "accept TLS_CLOSED",
  },
  "a hello and FIN": {
    play: async ({ begin, socket }) =>
      await socket.sendLast(await (await begin()).flight()),
    tells: "accept TLS_CLOSED",
  },
  "RST": {
    play: ({ socket }) => socket.reset(),
    tells: "accept ECONNRESET",
  },
  "half a hello and RST": {
    play: async ({ begin, socket }) => {
      const hello = await (await begin()).flight();
      await socket.sendAndReset(hello.subarray(0, hello.length >> 1));
    },
    tells: "accept ECONNRESET",
  },
  "half its second flight and RST": {
    play: async ({ begin, socket }) => {
      const end = await begin();
      await socket.send(await end.flight());
      const second = await end.flight();
      await socket.sendAndReset(second.subarray(0, second.length >> 1));
    },
    tells: "accept ECONNRESET",
  },
  "half its second flight and FIN": {
    play: async ({ begin, socket }) => {
      const end = await begin();
      await socket.send(await end.flight());
      const second = await end.flight();
      await socket.sendLast(second.subarray(0, second.length >> 1));
    },
    tells: "accept TLS_CLOSED",
  },
  "nothing": {
    options: () => ({ handshakeTimeoutMs: 60 }),
    play: () => Promise.resolve(),
    tells: "accept ETIMEDOUT",
  },
  "a hello and no more": {
    options: () => ({ handshakeTimeoutMs: 120 }),
    play: async ({ begin, socket }) =>
      await socket.send(await (await begin()).flight()),
    tells: "accept ETIMEDOUT",
  },
  "an empty record": {
    play: ({ socket }) => socket.send(new Uint8Array([22, 3, 1, 0, 0])),
    tells: "accept TLS_HANDSHAKE",
  },
  "a hello of TLS 1.1": {
    play: async ({ begin, socket }) => {
      const end = await begin({ version: "TLSv1.2" });
      const hello = await end.flight();
      hello[10] = 2;
      await socket.send(hello);
    },
    tells: "accept TLS_VERSION",
  },
  "no suite in common": {
    play: async ({ begin, socket }) =>
      await socket.send(withoutSuites(await (await begin()).flight())),
    tells: "accept TLS_CIPHER",
  },
  "no protocol in common": {
    options: () => ({ alpnProtocols: ["ours"] }),
    play: async ({ begin }) => {
      const end = await begin({ alpnProtocols: ["theirs"] });
      await end.handshake().catch(() => {});
    },
    tells: "accept TLS_ALPN",
  },
  "its alert that it does not know the authority": {
    play: async ({ begin }) => {
      const { cert } = strangeClient();
      const end = await begin({ caFile: fileOf(cert) });
      await end.handshake().catch(() => {});
    },
    tells: "accept TLS_ALERT unknown_ca",
  },
  ...Object.fromEntries(
    Object.entries(ALERTS).map(([number, tells]) => [
      `alert ${number}`,
      {
        play: async ({ begin, socket }: Scene): Promise<void> => {
          const end = await begin();
          await socket.send(await end.flight());
          await socket.recv();
          await socket.sendLast(alert(Number(number)));
        },
        tells: `accept ${tells}`,
      },
    ]),
  ),
  "a second flight that was changed": {
    play: async ({ begin, socket }) => {
      const end = await begin();
      await socket.send(await end.flight());
      await socket.send(changed(await end.flight()));
    },
    tells: "accept TLS_HANDSHAKE",
  },
  "no certificate": shown(undefined, "TLS_CERT_MISSING"),
  "a stranger's certificate": shown(strangeClient, "TLS_CERT_UNTRUSTED"),
  "a server's certificate": {
    ...shown(
      () => certificate("of servers", { extensions: OF_SERVERS }),
      "TLS_CERT_INVALID",
    ),
    onDeno: "accept TLS_CERT_UNTRUSTED",
  },
  "an expired certificate": {
    ...shown(
      () =>
        certificate("old client", {
          to: "20210101000000Z",
          extensions: OF_CLIENTS,
        }),
      "TLS_CERT_EXPIRED",
    ),
    onDeno: "accept TLS_CERT_UNTRUSTED",
  },
  "another key than the pin": shown(goodClient, "TLS_CERT_PIN", {
    pins: [WRONG_PIN],
  }),
  ...afterwards<Partial<TlsServerOptions>>(),
};

/** What a socket gives, and how it ends. */
async function readOn(
  socket: StreamSocket,
  onHeard: () => void,
): Promise<string> {
  let text = "";
  try {
    for await (const chunk of socket) {
      text += String.fromCharCode(...chunk);
      onHeard();
    }
    return `${text}, end`;
  } catch (error) {
    const said = saidOf(error);
    return text === "" ? said : `${text}, ${said}`;
  } finally {
    await closeAll(socket);
  }
}

function saidOf(error: unknown): string {
  return `${(error as TlsError).op} ${told(error)}`;
}

/** A promise, and what settles it. */
function signal(): [Promise<void>, () => void] {
  let settle = (): void => {};
  const promise = new Promise<void>((resolve) => settle = resolve);
  return [promise, settle];
}

function target(address: unknown): PeerTarget {
  return address as PeerTarget;
}

async function meetServer(
  peer: TlsPeer,
  version: TlsVersion,
  { options, play }: Row<TlsClientOptions>,
): Promise<string> {
  const listener = await peer.listen();
  const { hostname, port } = listener.address;
  const [heard, onHeard] = signal();
  const reading = connect({ hostname, port }, {
    tls: { ca: authority().cert, serverName: "localhost", ...options?.() },
    timeoutMs: 10_000,
  }).then((client) => readOn(client, onHeard), saidOf);
  const socket = await listener.accept();
  await play({
    peer,
    version,
    socket,
    heard,
    begin: (more) =>
      peer.over(socket, {
        role: "server",
        version,
        ...files(localhost()),
        ...more,
      }),
  });
  const said = await reading;
  await socket.close().catch(() => {}); // some rows have done so
  await listener.close();
  return said;
}

async function meetClient(
  peer: TlsPeer,
  version: TlsVersion,
  { options, play }: Row<Partial<TlsServerOptions>>,
): Promise<string> {
  const [server, errors] = await serve(options?.());
  const [heard, onHeard] = signal();
  const accepting = server.accept().then(
    ([socket]) => readOn(socket, onHeard),
    () => "",
  );
  const socket = await peer.connect(target(server.getSockName()));
  await play({
    peer,
    version,
    socket,
    heard,
    begin: (more) => peer.over(socket, { role: "client", version, ...more }),
  });
  let isOver = false;
  const failing = until(() => isOver || errors.length > 0)
    .then(() => isOver ? "" : saidOf(errors[0]));
  const said = await Promise.race([accepting, failing]);
  isOver = true;
  await socket.close().catch(() => {});
  await closeAll(server);
  return said;
}

/** Meets all rows, some at a time, and compares what is told with the table. */
async function meetAll<R extends Pick<Row<never>, "tells" | "onDeno">>(
  version: TlsVersion,
  rows: Readonly<Record<string, R>>,
  meet: (peer: TlsPeer, version: TlsVersion, row: R) => Promise<string>,
): Promise<void> {
  const peer = startTlsPeer();
  const said: Record<string, string> = {};
  const expected: Record<string, string> = {};
  const waiting = Object.entries(rows);
  const worker = async (): Promise<void> => {
    for (let next; (next = waiting.shift()) !== undefined;) {
      const [what, row] = next;
      expected[what] = expectedOf(row, version);
      said[what] = await meet(peer, version, row);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await peer.close();
  assert.deepEqual(said, expected);
}

function expectedOf(
  { tells, onDeno }: Pick<Row<never>, "tells" | "onDeno">,
  version: TlsVersion,
): string {
  if (isDeno && onDeno !== undefined) return onDeno;
  return typeof tells === "string" ? tells : tells[version];
}

for (const version of VERSIONS) {
  test(
    `a client of ${version} tells what its server does wrong`,
    () => meetAll(version, CLIENT_ROWS, meetServer),
    { skip },
  );
  test(
    `a server of ${version} tells what its client does wrong`,
    () => meetAll(version, SERVER_ROWS, meetClient),
    { skip },
  );
}
