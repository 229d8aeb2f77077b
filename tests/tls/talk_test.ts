import assert from "node:assert/strict";
import { connect, listen } from "../../src/socket/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
const skip = lackOfOpenssl();
for (const minVersion of ["TLSv1.2", "TLSv1.3"] as const) {
  test("smoke " + minVersion, async () => {
    const { cert: ca } = authority();
    const errors: unknown[] = [];
    const server = await listen("127.0.0.1:0", {
      tls: { ...localhost(), minVersion },
      onTlsError: (e) => errors.push(e),
    });
    const accepting = server.accept();
    const client = await connect(server.getSockName(), {
      tls: { ca },
      timeoutMs: 5000,
    }).catch((e) => {
      console.log(errors);
      throw e;
    });
    const [peer] = await accepting;
    console.log(
      client.tls!.protocol,
      client.tls!.cipher,
      client.tls!.authorized,
      peer.tls!.serverName,
      client.tls!.peerCertificate!.subject,
    );
    await client.sendAll("hello");
    assert.equal(new TextDecoder().decode(await peer.recvExactly(5)), "hello");
    await peer.sendAll(new Uint8Array(1_000_000));
    assert.equal((await client.recvExactly(1_000_000)).length, 1_000_000);
    await client.shutdown(1);
    assert.equal(await peer.recv(), null);
    await peer.close();
    assert.equal(await client.recv(), null);
    await client.close();
    await server.close();
  }, { skip });
}
