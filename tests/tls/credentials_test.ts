/**
 * Credentials that cannot be, told at once and before any I/O.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect, listen, systemCertificates } from "../../src/socket/mod.ts";
import { capabilities } from "../../src/runtime/detect.ts";
import { SocketError } from "../../src/errors.ts";
import { test } from "../harness.ts";
import {
  authority,
  certificate,
  encrypted,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { call, closeAll, pair, serve } from "./kit.ts";

const skip = lackOfOpenssl();

test("credentials that cannot be are TypeErrors before any I/O", async () => {
  const { cert } = localhost();
  const another = certificate("another key", {}).key;
  const secret = encrypted(localhost(), "secret");
  const bad: readonly object[] = [
    { cert, key: another },
    { cert, key: cert },
    { cert, key: "none" },
    { cert, key: secret },
    { cert, key: secret, passphrase: "wrong" },
  ];
  for (const tls of bad) {
    const listening = listen("127.0.0.1:0", { tls: tls as never });
    await assert.rejects(listening, TypeError);
    // Nobody listens there: a connect would be refused.
    const connecting = connect("127.0.0.1:9", {
      tls: { ...tls, ca: authority().cert },
    });
    await assert.rejects(connecting, (error: Error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.doesNotMatch(`${error.message} ${error.cause}`, /wrong|secret/);
      return true;
    });
  }
}, { skip });

test("options are read once, when the call is made", async () => {
  const { cert, key } = localhost();
  const reads: string[] = [];
  const certificate = new TextEncoder().encode(cert);
  const tls = {
    get cert() {
      reads.push("cert");
      return certificate;
    },
    key,
    alpnProtocols: ["a"],
  };
  const listening = listen("127.0.0.1:0", { tls });
  certificate.fill(0);
  tls.alpnProtocols.push("");
  tls.key = "none";
  const server = await listening;
  const client = await call(server, { alpnProtocols: ["a"] });
  assert.equal(client.tls?.alpnProtocol, "a");
  assert.deepEqual(reads, ["cert"]);
  await closeAll(client, server);
}, { skip });

test("an encrypted key is opened by its passphrase", async () => {
  const key = encrypted(localhost(), "secret");
  const [client, server] = await pair({}, { key, passphrase: "secret" });
  assert.equal(client.tls?.authorized, true);
  await closeAll(client, server);
}, { skip });

test("keys of other kinds serve, too", async () => {
  const names = "DNS:localhost";
  const rsa = [
    "genpkey",
    "-algorithm",
    "RSA",
    "-pkeyopt",
    "rsa_keygen_bits:2048",
  ];
  const kinds = { rsa, ed25519: ["genpkey", "-algorithm", "ED25519"] };
  for (const [kind, key] of Object.entries(kinds)) {
    if (kind === "ed25519" && "Bun" in globalThis) continue; // no such suite
    const [client, server] = await pair(
      {},
      certificate(kind, { for: names, key }),
    );
    assert.equal(client.tls?.authorized, true, kind);
    await closeAll(client, server);
  }
}, { skip });

test("onTlsError is for listeners with TLS", async () => {
  const onTlsError = () => {};
  await assert.rejects(listen("127.0.0.1:0", { onTlsError }), TypeError);
  const wrong = { tls: localhost(), onTlsError: 1 as never };
  await assert.rejects(listen("127.0.0.1:0", wrong), TypeError);
}, { skip });

test("the identity of a listener without TLS cannot be set", async () => {
  const server = await listen("127.0.0.1:0");
  assert.equal(server.tlsFailures, 0);
  assert.throws(
    () => server.setTlsIdentity(localhost()),
    (error) => error instanceof SocketError && error.code === "EINVAL",
  );
  await server.close();
}, { skip });

test("a TLS socket is not given away", async () => {
  const [client, server] = await pair();
  for (const socket of [client, server]) {
    assert.throws(
      () => socket.detach(),
      (error) => error instanceof SocketError && error.code === "EOPNOTSUPP",
    );
  }
  await closeAll(client, server);
}, { skip });

test("what was agreed on is told after close", async () => {
  const [server] = await serve();
  const client = await call(server);
  const { tls } = client;
  await client.close();
  assert.equal(client.tls, tls);
  assert.equal(tls?.protocol, "TLSv1.3");
  assert.match(tls?.cipher ?? "", /AES|CHACHA/);
  await closeAll(server);
}, { skip });

test("the system's certificates are told, or that they cannot be", async () => {
  const { systemCertificates: support } = capabilities();
  const codes = support === true ? ["EPERM"] : ["EOPNOTSUPP"];
  try {
    for (const each of await systemCertificates()) {
      assert.match(each, /BEGIN CERTIFICATE/);
    }
    assert.equal(support, true);
  } catch (error) {
    assert.ok(error instanceof SocketError, String(error));
    assert.ok(codes.includes(error.code), error.code);
  }
});
