/**
 * Fetches a page over TLS with HTTP/1.0. The certificate is verified by the
 * runtime's roots, or by those in a file:
 *
 *     deno run --allow-net --allow-read examples/https_get.ts https://example.org/
 *     bun examples/https_get.ts https://localhost:8443/ ca.pem
 *     node examples/https_get.ts https://localhost:8443/ ca.pem     (Node 22.18; on 20: .mjs)
 *
 * An end without TLS's own word for it (`TLS_TRUNCATED`) is an error: what was
 * cut is not taken for the whole page.
 */

import { readFile } from "node:fs/promises";
import { connect, TlsError } from "anysock";

const [address = "https://localhost/", roots] = process.argv.slice(2);
const url = new URL(address);
const hostname = url.hostname.replace(/^\[|\]$/g, "");
try {
  const sock = await connect({ hostname, port: Number(url.port || 443) }, {
    tls: {
      alpnProtocols: ["http/1.1"],
      ...(roots === undefined ? {} : { ca: await readFile(roots) }),
    },
    timeoutMs: 10_000,
  });
  const { protocol, peerCertificate } = sock.tls!;
  console.error(`${protocol} with ${peerCertificate?.subject}`);
  await sock.sendAll(
    `GET ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\n\r\n`,
  );
  for await (const chunk of sock) {
    await new Promise((written) => process.stdout.write(chunk, written));
  }
  await sock.close();
} catch (error) {
  if (!(error instanceof TlsError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
