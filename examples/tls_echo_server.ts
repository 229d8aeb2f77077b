/**
 * Echoes over TLS. With a third file clients have to show a certificate that
 * leads to it:
 *
 *     node examples/tls_echo_server.ts 8443 cert.pem key.pem [ca.pem]
 *
 * Try it with `openssl s_client -connect localhost:8443`.
 */

import { readFile } from "node:fs/promises";
import { formatAddress, listen, type StreamSocket } from "anysock";

const [port = "8443", certFile = "", keyFile = "", caFile] = process.argv
  .slice(2);
const cert = await readFile(certFile);
const key = await readFile(keyFile);
const server = await listen({ hostname: "127.0.0.1", port: Number(port) }, {
  tls: {
    cert,
    key,
    ...(caFile === undefined
      ? {}
      : { requestCert: true, ca: await readFile(caFile) }),
  },
  onTlsError: (error) => console.log(`refused: ${error.code}`),
});
console.log(`Listening on ${formatAddress(server.getSockName())}`);

async function echo(client: StreamSocket): Promise<void> {
  try {
    const { protocol, peerCertificate } = client.tls!;
    console.log(`${protocol} with ${peerCertificate?.subject ?? "a stranger"}`);
    for await (const chunk of client) await client.sendAll(chunk);
  } catch (error) {
    console.log(`lost: ${error}`);
  } finally {
    await client.close();
  }
}

for await (const [client] of server.connections()) void echo(client);
