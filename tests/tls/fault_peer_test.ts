/**
 * A peer that speaks no TLS, or breaks it: plain sockets that write raw
 * records, and a wire that is cut, changed or tapped.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SHUT_WR } from "../../src/constants.ts";
import type { TlsError } from "../../src/errors.ts";
import {
  connect,
  listen,
  type Listener,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import {
  call,
  closeAll,
  refusal,
  serve,
  told,
  until,
  VERSIONS,
} from "./kit.ts";

const skip = lackOfOpenssl();

function alert(number: number): Uint8Array {
  return new Uint8Array([21, 3, 3, 0, 2, 2, number]);
}

/** What a false server answers the hello with, and what the client says. */
const ANSWERS: Readonly<
  Record<string, readonly [string | Uint8Array, string]>
> = {
  "HTTP": ["HTTP/1.0 400 Bad Request\r\n\r\n", "TLS_NOT_TLS"],
  "a banner": ["220 mail.example.org ESMTP\r\n", "TLS_NOT_TLS"],
  "FIN": ["", "TLS_CLOSED"],
  "half a record header": [new Uint8Array([22, 3]), "TLS_CLOSED"],
  "protocol_version": [alert(70), "TLS_VERSION protocol_version"],
  "no_application_protocol": [
    alert(120),
    "TLS_ALPN no_application_protocol",
  ],
  "handshake_failure": [alert(40), "TLS_ALERT handshake_failure"],
  "internal_error": [alert(80), "TLS_ALERT internal_error"],
  "unrecognized_name": [alert(112), "TLS_ALERT unrecognized_name"],
  "a message that is none": [
    new Uint8Array([22, 3, 3, 0, 4, 99, 0, 0, 0]),
    "TLS_HANDSHAKE",
  ],
};

for (const [what, [bytes, expected]] of Object.entries(ANSWERS)) {
  test(`a client whose hello is answered by ${what} says so`, async () => {
    const server = await listen("127.0.0.1:0");
    const refused = refusal(connect(server.getSockName(), {
      tls: { ca: authority().cert },
      timeoutMs: 10_000,
    }));
    const [peer] = await server.accept();
    await peer.recv();
    await peer.sendAll(bytes);
    await peer.shutdown(SHUT_WR);
    assert.equal(await refused, expected);
    await closeAll(peer, server);
  }, { skip });
}

/** Alerts that end a handshake, though the stream goes on. */
const LAST_WORDS: Readonly<Record<string, Uint8Array>> = {
  alert_200: alert(200),
  handshake_failure: alert(40),
  close_notify: new Uint8Array([21, 3, 3, 0, 2, 1, 0]),
};

for (const [name, bytes] of Object.entries(LAST_WORDS)) {
  test(
    `a client whose hello is answered by ${name} waits no longer`,
    async () => {
      const server = await listen("127.0.0.1:0");
      const refused = refusal(connect(server.getSockName(), {
        tls: { ca: authority().cert },
        timeoutMs: 10_000,
      }));
      const [peer] = await server.accept();
      await peer.recv();
      await peer.sendAll(bytes);
      assert.equal(await refused, `TLS_ALERT ${name}`);
      await closeAll(peer, server);
    },
    { skip },
  );
}

/** How the stream ends, behind whatever came before. */
async function lastOf(peer: StreamSocket): Promise<string | null> {
  try {
    while (await peer.recv() !== null);
    return null;
  } catch (error) {
    return (error as TlsError).code;
  }
}

test(
  "a deadline and an abort end a client's handshake with a silent peer",
  async () => {
    const server = await listen("127.0.0.1:0");
    const silent = (options: object) =>
      connect(server.getSockName(), {
        tls: { ca: authority().cert },
        ...options,
      });
    const late = refusal(silent({ timeoutMs: 50 }));
    const [first] = await server.accept();
    assert.equal(await late, "ETIMEDOUT");
    const controller = new AbortController();
    const connecting = silent({ signal: controller.signal });
    connecting.catch(() => {}); // told below
    const [second] = await server.accept();
    const hello = await second.recv();
    assert.equal(hello?.[0], 22, "the hello");
    controller.abort("enough");
    await assert.rejects(connecting, (reason) => reason === "enough");
    for (const peer of [first, second]) {
      // Of the first a hello may have come before its time was up.
      const end = await lastOf(peer);
      assert.ok(end === null || end === "ECONNRESET", String(end));
      await closeAll(peer);
    }
    await closeAll(server);
  },
  { skip },
);

/** What a false client says, and what the listener tells. */
const WORDS: Readonly<Record<string, readonly [string | Uint8Array, string]>> =
  {
    "HTTP": ["GET / HTTP/1.0\r\n\r\n", "TLS_NOT_TLS"],
    "nothing": ["", "TLS_CLOSED"],
    "half a hello": [new Uint8Array([22, 3, 1, 0, 200, 1, 0]), "TLS_CLOSED"],
    "an empty record": [new Uint8Array([22, 3, 1, 0, 0]), "TLS_HANDSHAKE"],
  };

for (const [what, [bytes, expected]] of Object.entries(WORDS)) {
  test(`a listener tells of a client that says ${what}`, async () => {
    const [server, errors] = await serve();
    const client = await connect(server.getSockName());
    await client.sendAll(bytes);
    await client.shutdown(SHUT_WR);
    await until(() => errors.length > 0);
    assert.deepEqual(errors.map(told), [expected]);
    assert.equal(errors[0]?.op, "accept");
    const { port } = client.getSockName() as { port: number };
    assert.match(
      errors[0]?.message ?? "",
      new RegExp(`^Cannot accept from 127\\.0\\.0\\.1:${port}: `),
    );
    assert.equal(server.tlsFailures, 1);
    await closeAll(client, server);
  }, { skip });
}

test(
  "silent and false clients hold up no other, nor outlive the listener",
  async () => {
    const [server, errors] = await serve({ handshakeTimeoutMs: 300 });
    const address = server.getSockName();
    const silent = await Promise.all([1, 2, 3].map(() => connect(address)));
    const liar = await connect(address);
    await liar.sendAll("GET /\r\n");
    const good = await Promise.all(
      Array.from({ length: 10 }, () => call(server)),
    );
    for (const _ of good) {
      const [peer] = await server.accept({ timeoutMs: 5_000 });
      await closeAll(peer);
    }
    await until(() => errors.length === 4);
    assert.deepEqual(
      errors.map(told).sort(),
      ["ETIMEDOUT", "ETIMEDOUT", "ETIMEDOUT", "TLS_NOT_TLS"],
    );
    const late = errors.filter(({ code }) => code === "ETIMEDOUT");
    for (const { message } of late) {
      assert.match(message, /the handshake was not done within 300 ms/);
    }
    const last = await connect(address);
    await closeAll(server);
    await closeAll(last, liar, ...silent, ...good);
  },
  { skip },
);

/** A wire between a client and a server that a test has in its hands. */
class Wire {
  readonly #listener: Listener;
  readonly #target: Listener;
  /** The two plain connections. */
  #ends: readonly StreamSocket[] = [];
  /** What the server sent, as it goes by; gives what goes on. */
  onServerBytes: (chunk: Uint8Array) => Uint8Array | null = (chunk) => chunk;

  constructor(listener: Listener, target: Listener) {
    this.#listener = listener;
    this.#target = target;
  }

  static async to(target: Listener): Promise<Wire> {
    return new Wire(await listen("127.0.0.1:0"), target);
  }

  /** A client of the server behind the wire. */
  async call(): Promise<StreamSocket> {
    const calling = connect(this.#listener.getSockName(), {
      tls: { ca: authority().cert, serverName: "localhost" },
      timeoutMs: 10_000,
    });
    const [near] = await this.#listener.accept();
    const far = await connect(this.#target.getSockName());
    this.#ends = [near, far];
    void this.#pump(near, far, (chunk) => chunk);
    void this.#pump(far, near, (chunk) => this.onServerBytes(chunk));
    return await calling;
  }

  async #pump(
    from: StreamSocket,
    to: StreamSocket,
    pass: (chunk: Uint8Array) => Uint8Array | null,
  ): Promise<void> {
    try {
      for await (const chunk of from) {
        const passed = pass(chunk);
        if (passed === null) break;
        await to.sendAll(passed);
      }
      await to.shutdown(SHUT_WR);
    } catch {
      // The test has cut the wire.
    }
  }

  async close(): Promise<void> {
    await closeAll(this.#listener, ...this.#ends);
  }
}

for (const minVersion of VERSIONS) {
  test(
    `a stream cut without ${minVersion}'s close_notify is truncated`,
    async () => {
      const [server] = await serve({ minVersion });
      // At the border of a record and within one; the reader waits or not.
      for (const isWaiting of [true, false]) {
        for (const cutAt of [0, 7]) {
          const wire = await Wire.to(server);
          const client = await wire.call();
          const [peer] = await server.accept();
          await peer.sendAll("whole");
          assert.equal((await client.recvExactly(5)).length, 5);
          const waiting = isWaiting ? client.recv() : undefined;
          waiting?.catch(() => {});
          wire.onServerBytes = (chunk) =>
            cutAt === 0 ? null : chunk.subarray(0, cutAt);
          void peer.sendAll("lost").then(() => peer.close()).catch(() => {});
          if (cutAt > 0) {
            // FIN follows the piece of a record.
            await new Promise((resolve) => setTimeout(resolve, 30));
            wire.onServerBytes = () => null;
          }
          const reading = waiting ?? client.recv();
          assert.equal(await refusal(reading), "TLS_TRUNCATED");
          assert.equal(await refusal(client.recv()), "TLS_TRUNCATED");
          assert.equal(await refusal(client.sendAll("x")), "TLS_TRUNCATED");
          await closeAll(client, peer, wire);
        }
      }
      await closeAll(server);
    },
    { skip },
  );

  test(`a record of ${minVersion} that was changed is none`, async () => {
    const [server] = await serve({ minVersion });
    const wire = await Wire.to(server);
    const client = await wire.call();
    const [peer] = await server.accept();
    await peer.sendAll("whole");
    assert.equal((await client.recvExactly(5)).length, 5);
    wire.onServerBytes = (chunk) => {
      const changed = chunk.slice();
      changed[changed.length - 1]! ^= 1;
      return changed;
    };
    await peer.sendAll("changed");
    assert.equal(await refusal(client.recv()), "TLS_RECORD");
    await closeAll(client, peer, wire, server);
  }, { skip });

  test(`a reset behind ${minVersion} is ECONNRESET`, async () => {
    const server = await listen("127.0.0.1:0", {
      abortive: true,
      tls: { ...localhost(), minVersion },
    });
    const client = await call(server);
    const [peer] = await server.accept();
    peer.reset();
    assert.equal(await refusal(client.recv()), "ECONNRESET");
    await closeAll(client, server);
  }, { skip });
}

test(
  "data, close_notify and FIN in one segment are data and an end",
  async () => {
    for (const minVersion of VERSIONS) {
      const [server] = await serve({ minVersion });
      const client = await call(server);
      const [peer] = await server.accept();
      await peer.sendAll("last");
      await peer.close({ lingerMs: 0 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal((await client.recvExactly(4)).length, 4);
      assert.equal(await client.recv(), null);
      assert.equal(await client.recv(), null);
      await closeAll(client, server);
    }
  },
  { skip },
);

test("nothing that a program sends goes over the wire as it is", async () => {
  const [server] = await serve();
  const wire = await Wire.to(server);
  let seen = "";
  wire.onServerBytes = (chunk) => {
    seen += String.fromCharCode(...chunk);
    return chunk;
  };
  const client = await wire.call();
  const [peer] = await server.accept();
  await peer.sendAll("a secret of the program");
  await client.recvExactly(23);
  assert.ok(seen.length > 100 && !seen.includes("secret"));
  await closeAll(client, peer, wire, server);
}, { skip });

test("close ends the handshakes of a listener and nobody is told", async () => {
  const [server, errors] = await serve();
  const silent = await connect(server.getSockName());
  await silent.sendAll(new Uint8Array([22, 3, 1]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.close();
  const end = await silent.recv().catch((error: TlsError) => error.code);
  assert.ok(end === null || end === "ECONNRESET", String(end));
  assert.deepEqual(errors, []);
  await closeAll(silent);
}, { skip });
