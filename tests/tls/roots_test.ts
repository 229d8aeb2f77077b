/**
 * Whose roots count: those of `ca` replace all others, also those that the
 * user of a program has added to its runtime's.
 *
 * @module
 */

import assert from "node:assert/strict";
import { watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";
import {
  asFile,
  authority,
  certificate,
  lackOfOpenssl,
} from "../support/certificates.ts";
import { closeAll, serve } from "./kit.ts";

test("ca replaces the roots, those of NODE_EXTRA_CA_CERTS too", async () => {
  const other = certificate("another authority", {
    name: "another authority",
    by: "self",
    extensions: "basicConstraints=critical,CA:TRUE",
  });
  const [server] = await serve();
  const { port } = server.getSockName() as { port: number };
  const file = asFile("other-roots.pem", other.cert);
  const extra = asFile("extra-roots.pem", authority().cert);
  const said = async (env: Readonly<Record<string, string>>) => {
    const script = "tests/fixtures/tls/roots.ts";
    const args = [`${port}`, file];
    const child = spawnRuntime(thisRuntime(), script, args, { env });
    const { stdout, stderr } = await watch(child).ended;
    assert.equal(stderr, "");
    return stdout.trim().split("\n");
  };
  const [added, none] = await Promise.all([
    said({ NODE_EXTRA_CA_CERTS: extra }),
    said({}),
  ]);
  assert.deepEqual(added, ["true", "TLS_CERT_UNTRUSTED"]);
  assert.deepEqual(none, ["TLS_CERT_UNTRUSTED", "TLS_CERT_UNTRUSTED"]);
  await closeAll(server);
}, { skip: lackOfOpenssl() });
