/**
 * No key, no passphrase and no plain byte is in what can be printed: errors of
 * every kind, sockets, listeners, and what TLS tells of itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { TlsError } from "../../src/errors.ts";
import { connect, listen } from "../../src/socket/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  certificate,
  encrypted,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { closeAll } from "./kit.ts";

const skip = lackOfOpenssl();
const PASSPHRASE = "passphrase-7731";
const PLAIN = "plain-bytes-7731";

/** Whatever a program could print of a thing, here. */
function printed(thing: unknown): string {
  const { Deno: deno, Bun: bun } = globalThis as unknown as Readonly<
    Record<string, { inspect(value: unknown, options: object): string }>
  >;
  const options = { depth: 20, showHidden: true, iterableLimit: 1e6 };
  const texts = [
    inspect(thing, { ...options, maxArrayLength: null, maxStringLength: null }),
    deno?.inspect(thing, options) ?? "",
    bun?.inspect(thing, options) ?? "",
    String(thing),
    JSON.stringify(
      thing,
      (_, value) => typeof value === "bigint" ? String(value) : value,
    ) ?? "",
  ];
  if (thing instanceof Error) {
    texts.push(thing.stack ?? "", printed(thing.cause ?? ""));
  }
  return texts.join("\n");
}

/** The lines of a PEM, which are its secret. */
function linesOf(pem: string): readonly string[] {
  return pem.split("\n").filter((line) => /^[\w+/=]{20,}$/.test(line));
}

test("what can be printed shows no secret", async () => {
  const { cert, key: plainKey } = localhost();
  const key = encrypted(localhost(), PASSPHRASE);
  const mine = certificate("secret client", {
    extensions: "extendedKeyUsage=clientAuth",
  });
  const { cert: ca } = authority();
  const errors: unknown[] = [];
  const server = await listen("127.0.0.1:0", {
    tls: { cert, key, passphrase: PASSPHRASE, requestCert: true, ca },
    onTlsError: (error) => errors.push(error),
  });
  const address = server.getSockName();
  const [client, [peer]] = await Promise.all([
    connect(address, { tls: { ...mine, ca, serverName: "localhost" } }),
    server.accept(),
  ]);
  await client.sendAll(PLAIN);
  await peer.recv(1, 2); // MSG_PEEK: in hand
  const failing: readonly object[] = [
    { cert, key: mine.key },
    { cert, key: plainKey.slice(0, 80) },
    { cert: plainKey, key: plainKey },
    { cert, key: plainKey, serverNam: "misspelt" },
    { cert, key, passphrase: `${PASSPHRASE} not` },
    { cert, key },
    { cert, key, passphrase: [PASSPHRASE] },
    { cert, key: [plainKey] },
    [plainKey],
    plainKey as never,
    Object.assign(Object.create({ of: "a class" }), { cert, key: plainKey }),
    { cert, key: plainKey, sni: plainKey },
    { ca: plainKey },
    { ca: [plainKey] },
  ];
  for (const tls of failing) {
    const options = { tls: tls as never };
    for (
      const refused of [
        listen("127.0.0.1:0", options),
        connect(address, options),
        client.startTls(tls as never),
      ]
    ) errors.push(await refused.then(() => undefined, (error) => error));
  }
  const stranger = await connect(address, {
    tls: { ca, serverName: "elsewhere" },
  }).catch((error: TlsError) => error);
  const things = [...errors, stranger, server, client, peer, client.tls];
  const secrets = [
    PASSPHRASE,
    PLAIN,
    Buffer.from(PLAIN).toString("hex").replace(/..(?=.)/g, "$& "),
    [...Buffer.from(PLAIN)].join(", "),
    ...[plainKey, key, mine.key].flatMap(linesOf),
  ];
  for (const thing of things) {
    const text = printed(thing);
    for (const secret of secrets) {
      assert.ok(!text.includes(secret), `${secret} in ${text.slice(0, 3000)}`);
    }
  }
  await closeAll(client, peer, server);
}, { skip });
