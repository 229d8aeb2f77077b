/**
 * What a program says of TLS, right and wrong; and whom a certificate is for.
 *
 * @module
 */

import assert from "node:assert/strict";
import { isFor } from "../../src/tls/identity.ts";
import { toClientSettings, toServerSettings } from "../../src/tls/options.ts";
import type {
  TlsClientOptions,
  TlsServerOptions,
} from "../../src/tls_contracts.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";

const skip = lackOfOpenssl();
const PIN = "F5zSlzDRjmOlX9hE5YSQavU5BkPeq9APKudJQEhgCAU=";

function client(options: object, host?: string) {
  return toClientSettings(options as TlsClientOptions, host);
}

function server(options: object) {
  return toServerSettings(options as TlsServerOptions);
}

test("a client's defaults are TLS 1.2 and the host it connects to", () => {
  const plain = {
    serverName: "example.org",
    ca: undefined,
    credentials: undefined,
    alpnProtocols: undefined,
    minVersion: "TLSv1.2",
    pins: undefined,
    isNative: false,
  };
  assert.deepEqual(client({}, "Example.ORG."), plain);
  assert.deepEqual(client({}, "example.org"), plain);
  assert.equal(client({ serverName: "::1" }, "a").serverName, "::1");
  const name = client({ serverName: "bücher.example" }).serverName;
  assert.equal(name, "xn--bcher-kva.example");
});

test("a client needs a name, unless a pin is all it asks for", () => {
  assert.throws(() => client({}), TypeError);
  assert.equal(client({ pins: [PIN] }).serverName, undefined);
});

test("a pin beside roots does not take the name's place", () => {
  const { cert } = authority();
  assert.throws(() => client({ pins: [PIN], ca: cert }), TypeError);
}, { skip });

test("a client's mistakes are TypeErrors", () => {
  const bad: object[] = [
    { servername: "a" },
    { rejectUnauthorized: false },
    { serverName: 1 },
    { serverName: "" },
    { serverName: "a b" },
    { serverName: "a..b" },
    { serverName: "bücher@example.org" },
    { serverName: "example.org/bücher" },
    { serverName: "bücher.example:443" },
    { serverName: "bücher.example?a#b" },
    { serverName: "example.org\\bücher" },
    { serverName: "bü\tcher.example" },
    { serverName: "b%C3%BCü.example" },
    { ca: [] },
    { ca: "none" },
    { ca: 5 },
    { ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" },
    { ca: "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----" },
    { cert: "x" },
    { key: "x" },
    { passphrase: "x" },
    { pins: [] },
    { pins: ["AAAA"] },
    { pins: PIN },
    { alpnProtocols: "h2" },
    { alpnProtocols: [""] },
    { alpnProtocols: ["x".repeat(256)] },
    { alpnProtocols: Array(256).fill("x".repeat(255)) },
    { minVersion: "TLSv1.1" },
    { native: "yes" },
  ];
  for (const options of bad) {
    assert.throws(
      () => client(options, "host"),
      TypeError,
      JSON.stringify(options),
    );
  }
});

test("a secret is in no message", () => {
  const secrets = [{ key: 77771 }, { passphrase: 77771, cert: "", key: "" }];
  for (const options of secrets) {
    assert.throws(
      () => client(options, "host"),
      (error: Error) => !/77771/.test(`${error.message} ${error.cause}`),
    );
  }
});

test("the native path is off unless it is asked for", () => {
  assert.equal(client({}, "host").isNative, false);
  assert.equal(client({ native: false }, "host").isNative, false);
  assert.equal(client({ native: true }, "host").isNative, true);
});

test("a server's defaults are no client certificates and ten seconds", () => {
  const { cert, key } = localhost();
  const settings = server({ cert, key });
  assert.equal(settings.requestCert, false);
  assert.equal(settings.handshakeTimeoutMs, 10_000);
  assert.equal(settings.minVersion, "TLSv1.2");
  assert.equal(settings.credentials.key, key);
  const bytes = server({ cert: new TextEncoder().encode(cert), key });
  assert.equal(bytes.credentials.cert, settings.credentials.cert);
}, { skip });

test("a server's mistakes are TypeErrors", () => {
  const { cert, key } = localhost();
  const { cert: ca } = authority();
  const bad: object[] = [
    {},
    { cert },
    { key },
    { cert: key, key },
    { cert, key, serverName: "a" },
    { cert, key, requestCert: true },
    { cert, key, requestCert: "yes", ca },
    { cert, key, ca },
    { cert, key, pins: [PIN] },
    { cert, key, sni: "a" },
    { cert, key, handshakeTimeoutMs: "1" },
    { cert, key, passphrase: 1 },
  ];
  for (const options of bad) assert.throws(() => server(options), TypeError);
  for (const handshakeTimeoutMs of [0, -1, NaN]) {
    const options = { cert, key, handshakeTimeoutMs };
    assert.throws(() => server(options), RangeError);
  }
}, { skip });

test("a certificate is for its names and addresses, one label for a star", () => {
  const names = [
    "DNS:a.example",
    "DNS:*.b.example",
    "DNS:f*.c.example",
    "DNS:*.com",
    "DNS:10.0.0.9",
    "IP:10.0.0.1",
    "IP:2001:db8::1",
  ];
  const rows: readonly (readonly [string, boolean])[] = [
    ["a.example", true],
    ["A.Example.", true],
    ["b.example", false],
    ["x.b.example", true],
    ["x.y.b.example", false],
    ["*.b.example", true],
    ["foo.c.example", false],
    ["x.com", false],
    ["10.0.0.1", true],
    ["10.0.0.9", false],
    ["2001:DB8:0::1", true],
    ["::1", false],
    ["10.0.0.10", false],
  ];
  for (const [name, expected] of rows) {
    assert.equal(isFor(name, names), expected, name);
  }
  assert.equal(isFor("a.example", []), false);
});
