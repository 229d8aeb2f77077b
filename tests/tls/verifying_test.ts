/**
 * Whom a client and a server trust, and what they say of whom they do not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { TlsError } from "../../src/errors.ts";
import type { TlsClientOptions } from "../../src/tls_contracts.ts";
import { test } from "../harness.ts";
import {
  authority,
  certificate,
  lackOfOpenssl,
  localhost,
  type Made,
} from "../support/certificates.ts";
import {
  call,
  closeAll,
  pair,
  refusal,
  serve,
  until,
  VERSIONS,
} from "./kit.ts";

const skip = lackOfOpenssl();
const NAMES = "DNS:localhost,IP:127.0.0.1";
const CLIENT = "extendedKeyUsage=clientAuth";
const CA = "basicConstraints=critical,CA:TRUE";

function selfSigned(): Made {
  return certificate("self", { name: "localhost", for: NAMES, by: "self" });
}

function pinOf({ cert }: Made): string {
  const key = new X509Certificate(cert).publicKey;
  const spki = key.export({ type: "spki", format: "der" }) as Uint8Array;
  return createHash("sha256").update(spki).digest("base64");
}

/** A server's certificate, the client's options, and the client's error. */
const CLIENT_ROWS: Readonly<
  Record<string, () => readonly [Made, TlsClientOptions, string]>
> = {
  "a trusted one": () => [localhost(), {}, ""],
  "a wildcard for one label": () => [
    certificate("star", { for: "DNS:*.wild.example" }),
    { serverName: "a.wild.example" },
    "",
  ],
  "a wildcard for two labels": () => [
    certificate("star", { for: "DNS:*.wild.example" }),
    { serverName: "a.b.wild.example" },
    "TLS_CERT_NAME",
  ],
  "an IP name": () => [localhost(), { serverName: "127.0.0.1" }, ""],
  "another IP name": () => [
    localhost(),
    { serverName: "127.0.0.2" },
    "TLS_CERT_NAME",
  ],
  "another name": () => [
    localhost(),
    { serverName: "example.org" },
    "TLS_CERT_NAME",
  ],
  "the common name alone": () => [
    certificate("cn", { name: "localhost" }),
    {},
    "TLS_CERT_NAME",
  ],
  "an unknown authority": () => {
    certificate("stranger", { name: "stranger", by: "self", extensions: CA });
    const made = certificate("strange", { for: NAMES, by: "stranger" });
    return [made, {}, "TLS_CERT_UNTRUSTED"];
  },
  "a self-signed one": () => [selfSigned(), {}, "TLS_CERT_UNTRUSTED"],
  "a self-signed one as its own root": () => [
    selfSigned(),
    { ca: selfSigned().cert },
    "",
  ],
  "an expired one": () => [
    certificate("old", { for: NAMES, to: "20210101000000Z" }),
    {},
    "TLS_CERT_EXPIRED",
  ],
  "one of the future": () => [
    certificate("young", { for: NAMES, from: "20480101000000Z" }),
    {},
    "TLS_CERT_NOT_YET_VALID",
  ],
  "a chain with an intermediate": () => {
    const middle = certificate("middle", { name: "middle", extensions: CA });
    const leaf = certificate("leaf", { for: NAMES, by: "middle" });
    return [{ ...leaf, cert: leaf.cert + middle.cert }, {}, ""];
  },
  "a chain without its intermediate": () => {
    certificate("middle", { name: "middle", extensions: CA });
    const leaf = certificate("leaf", { for: NAMES, by: "middle" });
    return [leaf, {}, "TLS_CERT_UNTRUSTED"];
  },
  "a pin that is its key's": () => {
    const options = { pins: [pinOf(localhost()), pinOf(selfSigned())] };
    return [localhost(), options, ""];
  },
  "a pin that is not, beside its root": () => [
    localhost(),
    { pins: [pinOf(selfSigned())] },
    "TLS_CERT_PIN",
  ],
  "a pin beside another root": () => [
    localhost(),
    { pins: [pinOf(localhost())], ca: selfSigned().cert },
    "TLS_CERT_UNTRUSTED",
  ],
};

for (const [what, row] of Object.entries(CLIENT_ROWS)) {
  test(`a client meets ${what}`, async () => {
    const [made, options, expected] = row();
    for (const minVersion of VERSIONS) {
      const [server] = await serve({ ...made, minVersion });
      if (expected === "") {
        const client = await call(server, options);
        assert.equal(client.tls?.authorized, true);
        await closeAll(client);
      } else {
        const error = await call(server, options).catch((error) => error);
        assert.ok(error instanceof TlsError, String(error));
        assert.equal(error.code, expected);
        assert.equal(error.op, "connect");
        const spki = error.peerCertificate?.spki256;
        assert.equal(spki, pinOf(made), "the error tells the certificate");
      }
      await closeAll(server);
    }
  }, { skip });
}

test("a pin alone takes a self-signed peer whatever its name", async () => {
  const [server] = await serve(selfSigned());
  const { connect } = await import("../../src/socket/mod.ts");
  const pinned = (pins: string[]) =>
    connect(server.getSockName(), { tls: { pins }, timeoutMs: 5_000 });
  const client = await pinned([pinOf(selfSigned())]);
  assert.equal(client.tls?.authorized, false);
  assert.equal(await refusal(pinned([pinOf(localhost())])), "TLS_CERT_PIN");
  await closeAll(client, server);
}, { skip });

test(
  "the agreed protocol is the server's first that the client offers",
  async () => {
    const [client, server] = await pair(
      { alpnProtocols: ["b", "a"] },
      { alpnProtocols: ["c", "a", "b"] },
    );
    assert.equal(client.tls?.alpnProtocol, "a");
    assert.equal(server.tls?.alpnProtocol, "a");
    await closeAll(client, server);
  },
  { skip },
);

test("a server that knows no protocols leaves it to the client", async () => {
  const [client, server] = await pair({ alpnProtocols: ["a"] });
  assert.equal(client.tls?.alpnProtocol, null);
  await closeAll(client, server);
}, { skip });

test("no protocol in common is told to both", async () => {
  for (const minVersion of VERSIONS) {
    const [server, errors] = await serve({ alpnProtocols: ["x"], minVersion });
    const error = await refusal(call(server, { alpnProtocols: ["y"] }));
    assert.equal(error, "TLS_ALPN no_application_protocol");
    await until(() => errors.length > 0);
    assert.equal(errors[0]?.code, "TLS_ALPN");
    assert.equal(server.tlsFailures, 1);
    await closeAll(server);
  }
}, { skip });

test("the name is sent for names and never for addresses", async () => {
  const rows = [["localhost", "localhost"], ["127.0.0.1", null]] as const;
  for (const [serverName, expected] of rows) {
    const [client, server] = await pair({ serverName });
    assert.equal(server.tls?.serverName, expected);
    await closeAll(client, server);
  }
}, { skip });

test("sni chooses an identity, waits for it, and may leave it", async () => {
  const other = certificate("other", { name: "other", for: "DNS:other" });
  const asked: string[] = [];
  const [server, errors] = await serve({
    sni: async (name) => {
      asked.push(name);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (name === "broken") throw new Error("no such customer");
      return name === "other" ? other : undefined;
    },
  });
  const first = await call(server, { serverName: "other" });
  assert.equal(first.tls?.peerCertificate?.subject, "CN=other");
  const second = await call(server);
  assert.equal(second.tls?.peerCertificate?.subject, "CN=localhost");
  await assert.rejects(call(server, { serverName: "broken" }));
  await until(() => errors.length > 0);
  assert.equal(errors[0]?.code, "TLS_HANDSHAKE");
  const third = await call(server, { serverName: "other" });
  assert.deepEqual(asked, ["other", "localhost", "broken", "other"]);
  await closeAll(first, second, third, server);
}, { skip });

test(
  "a client who leaves at the server's certificate is no broken pipe to it",
  async () => {
    const [server] = await serve();
    for (let i = 0; i < 10; i++) {
      const ca = selfSigned().cert;
      assert.equal(await refusal(call(server, { ca })), "TLS_CERT_UNTRUSTED");
      // In TLS 1.3 the handshake is over when the client judges.
      const [left] = await server.accept();
      const said = await refusal(left.recv());
      assert.ok(["TLS_TRUNCATED", "ECONNRESET"].includes(said), said);
      await closeAll(left);
    }
    await closeAll(server);
  },
  { skip },
);

test("a renewed identity holds for what comes next", async () => {
  const renewed = certificate("renewed", { name: "renewed", for: NAMES });
  const [server] = await serve();
  const before = await call(server);
  server.setTlsIdentity(renewed);
  const after = await call(server);
  assert.equal(before.tls?.peerCertificate?.subject, "CN=localhost");
  assert.equal(after.tls?.peerCertificate?.subject, "CN=renewed");
  const wrong = { cert: renewed.cert, key: localhost().key };
  assert.throws(() => server.setTlsIdentity(wrong), TypeError);
  const still = await call(server);
  assert.equal(still.tls?.peerCertificate?.subject, "CN=renewed");
  await closeAll(before, after, still, server);
}, { skip });

function clientIdentity(): Made {
  return certificate("client", { name: "client", extensions: CLIENT });
}

test("a client's certificate is asked for, verified and told", async () => {
  const { cert: ca } = authority();
  for (const minVersion of VERSIONS) {
    const [client, server] = await pair(clientIdentity(), {
      requestCert: true,
      ca,
      minVersion,
    });
    assert.equal(server.tls?.authorized, true);
    assert.equal(server.tls?.peerCertificate?.subject, "CN=client");
    await closeAll(client, server);
  }
}, { skip });

/** What a client shows, and what the server says of it. */
const SHOWN: Readonly<Record<string, () => readonly [object, string]>> = {
  nothing: () => [{}, "TLS_CERT_MISSING"],
  "one of a stranger": () => [
    certificate("stranger client", { by: "self", extensions: CLIENT }),
    "TLS_CERT_UNTRUSTED",
  ],
  "an expired one": () => [
    certificate("old client", { to: "20210101000000Z", extensions: CLIENT }),
    // rustls gives no dates, and the certificate is gone by then.
    "Deno" in globalThis ? "TLS_CERT_UNTRUSTED" : "TLS_CERT_EXPIRED",
  ],
};

for (const [what, row] of Object.entries(SHOWN)) {
  test(`a server that wants a certificate refuses ${what}`, async () => {
    const [shown, expected] = row();
    const { cert: ca } = authority();
    for (const minVersion of VERSIONS) {
      const tls = { requestCert: true, ca, minVersion };
      const [server, errors] = await serve(tls);
      const error = await meet(call(server, shown));
      await until(() => errors.length > 0);
      assert.equal(errors[0]?.code, expected);
      assert.match(error, /^(TLS_ALERT|TLS_TRUNCATED|TLS_CLOSED|ECONNRESET)/);
      await closeAll(server);
    }
  }, { skip });
}

/** The error of a connect, or of the first receive behind it. */
async function meet(connecting: ReturnType<typeof call>): Promise<string> {
  try {
    const client = await connecting;
    const error = await refusal(client.recv());
    await closeAll(client);
    return error;
  } catch (error) {
    return (error as TlsError).code;
  }
}

test("an optional certificate leaves the decision to the program", async () => {
  const { cert: ca } = authority();
  const stranger = certificate("stranger client", {
    by: "self",
    extensions: CLIENT,
  });
  const rows = [
    [{}, false, undefined],
    [stranger, false, "CN=test"],
    [clientIdentity(), true, "CN=client"],
  ] as const;
  for (const [shown, isAuthorized, subject] of rows) {
    const [client, server] = await pair(shown, { requestCert: "optional", ca });
    assert.equal(server.tls?.authorized, isAuthorized);
    assert.equal(server.tls?.peerCertificate?.subject, subject);
    await closeAll(client, server);
  }
}, { skip });

test("a server's pins are of its clients", async () => {
  const { cert: ca } = authority();
  const tls = { requestCert: true, ca, pins: [pinOf(clientIdentity())] };
  const [client, server] = await pair(clientIdentity(), tls);
  assert.equal(server.tls?.authorized, true);
  await closeAll(client, server);
  const [listener, errors] = await serve(tls);
  await meet(
    call(listener, certificate("another client", { extensions: CLIENT })),
  );
  await until(() => errors.length > 0);
  assert.equal(errors[0]?.code, "TLS_CERT_PIN");
  await closeAll(listener);
}, { skip });
