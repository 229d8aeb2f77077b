/**
 * TLS in one look: who is spoken with, both directions, and an end of either.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SHUT_WR } from "../../src/constants.ts";
import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { closeAll, pair, VERSIONS } from "./kit.ts";

const skip = lackOfOpenssl();

for (const minVersion of VERSIONS) {
  test(`a client and a server of ${minVersion} talk and end`, async () => {
    const [client, server] = await pair({}, { minVersion });
    const { tls } = client;
    assert.ok((tls?.protocol ?? "") >= minVersion, String(tls?.protocol));
    assert.equal(tls?.authorized, true);
    assert.equal(tls?.peerCertificate?.subject, "CN=localhost");
    assert.equal(server.tls?.serverName, "localhost");
    await client.sendAll("hello");
    assert.equal(
      new TextDecoder().decode(await server.recvExactly(5)),
      "hello",
    );
    const [much] = await Promise.all([
      client.recvExactly(1_000_000),
      server.sendAll(new Uint8Array(1_000_000)),
    ]);
    assert.equal(much.length, 1_000_000);
    await client.shutdown(SHUT_WR);
    assert.equal(await server.recv(), null);
    await server.close();
    assert.equal(await client.recv(), null);
    await closeAll(client);
  }, { skip });
}
