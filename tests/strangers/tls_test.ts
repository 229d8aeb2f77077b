/**
 * TLS with programs of others: openssl and curl; and our two examples.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { connect } from "../../src/socket/mod.ts";
import { test } from "../harness.ts";
import { portOf, startProgram } from "../examples/programs.ts";
import {
  asFile,
  authority,
  certificate,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { closeAll, serve } from "../tls/kit.ts";

const skip = lackOfOpenssl();

function lackOfCurl(): string | undefined {
  try {
    execFileSync("curl", ["--version"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "curl is not installed";
  }
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: 10_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    }).stdin?.end();
  });
}

/** Answers one request of HTTP/1.0. */
async function answerOnce(server: Awaited<ReturnType<typeof serve>>[0]) {
  const [peer] = await server.accept();
  await peer.recvUntil("\r\n\r\n");
  await peer.sendAll("HTTP/1.0 200 OK\r\n\r\nover TLS");
  await peer.close();
}

test("curl verifies us and gets its page", async () => {
  const [server] = await serve({ alpnProtocols: ["http/1.1"] });
  const { port } = server.getSockName() as { port: number };
  const ca = asFile("curl-ca.pem", authority().cert);
  const [page] = await Promise.all([
    run("curl", ["-s", "--cacert", ca, `https://127.0.0.1:${port}/`]),
    answerOnce(server),
  ]);
  assert.equal(page, "over TLS");
  await closeAll(server);
}, { skip: skip ?? lackOfCurl() });

test("openssl s_client verifies us, in both versions", async () => {
  const ca = asFile("s-client-ca.pem", authority().cert);
  for (const version of ["-tls1_2", "-tls1_3"]) {
    const [server] = await serve();
    const { port } = server.getSockName() as { port: number };
    const accepted = server.accept().then(([peer]) => peer.close());
    const address = `127.0.0.1:${port}`;
    const args = ["s_client", "-connect", address, "-CAfile", ca, version];
    const said = await run("openssl", [...args, "-verify_return_error"]);
    assert.match(said, /Verify return code: 0 \(ok\)|Verification: OK/);
    await accepted;
    await closeAll(server);
  }
}, { skip });

test("https_get prints the page of a verified server", async () => {
  const [server] = await serve();
  const { port } = server.getSockName() as { port: number };
  const ca = asFile("https-get-ca.pem", authority().cert);
  const url = `https://127.0.0.1:${port}/`;
  const program = startProgram("examples/https_get.ts", url, ca);
  const [{ code, stdout }] = await Promise.all([
    program.ended,
    answerOnce(server),
  ]);
  assert.equal(stdout, "HTTP/1.0 200 OK\r\n\r\nover TLS");
  assert.equal(code, 0);
  await closeAll(server);
}, { skip });

test("tls_echo_server echoes over TLS to whom it knows", async () => {
  const { cert, key } = localhost();
  const { cert: ca } = authority();
  const files = Object.entries({ cert, key, ca })
    .map(([name, text]) => asFile(`echo-${name}.pem`, text));
  const program = startProgram("examples/tls_echo_server.ts", "0", ...files);
  try {
    const address = `127.0.0.1:${await portOf(program)}`;
    const shown = certificate("echo client", {
      name: "echo client",
      extensions: "extendedKeyUsage=clientAuth",
    });
    const client = await connect(address, { tls: { ca, ...shown } });
    await client.sendAll("echo");
    assert.equal((await client.recvExactly(4)).length, 4);
    await program.printed(/^TLSv1\.3 with CN=echo client$/m);
    const stranger = await connect(address, { tls: { ca } });
    await assert.rejects(stranger.recv());
    await program.printed(/^refused: TLS_CERT_MISSING$/m);
    await closeAll(client, stranger);
  } finally {
    await program.stop();
  }
}, { skip });
