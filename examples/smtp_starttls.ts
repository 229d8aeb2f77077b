/**
 * Sends a mail by SMTP, over TLS from STARTTLS on (RFC 3207), and none where
 * the server does not offer it.
 *
 *     deno run --allow-net --allow-read examples/smtp_starttls.ts localhost:25 me@example.org you@example.org "Hello" [ca.pem]
 *     bun examples/smtp_starttls.ts localhost:25 me@example.org you@example.org "Hello" [ca.pem]
 *     node examples/smtp_starttls.ts localhost:25 me@example.org you@example.org "Hello" [ca.pem]     (Node 22.18; on 20: .mjs)
 */

import { readFile } from "node:fs/promises";
import { connect } from "anysock";

const [address = "localhost:25", from = "", to = "", text = "", roots] = process
  .argv.slice(2);
const tls = roots === undefined ? {} : { ca: await readFile(roots) };
const latin1 = new TextDecoder("latin1");

const mail = await connect(address, { timeoutMs: 10_000 });
mail.setTimeout(30_000);

/** The lines of a reply; the last one has a blank behind its number. */
async function reply(wanted: string): Promise<string[]> {
  const lines: string[] = [];
  do {
    const line = await mail.recvUntil("\r\n", { maxBytes: 4096 });
    lines.push(latin1.decode(line));
  } while (lines.at(-1)?.[3] === "-");
  if (lines.at(-1)?.startsWith(wanted)) return lines;
  throw new Error(`The server says ${lines.join(" ")}`);
}

async function ask(command: string, wanted: string): Promise<string[]> {
  await mail.sendAll(`${command}\r\n`);
  return await reply(wanted);
}

await reply("220");
const offers = await ask("EHLO client.example", "250");
if (!offers.some((line) => /^250.STARTTLS$/i.test(line))) {
  throw new Error("The server does not offer TLS");
}
await ask("STARTTLS", "220");
await mail.startTls(tls); // it is verified, and what it said before is void
const { protocol, peerCertificate } = mail.tls!;
console.log(`${protocol} with ${peerCertificate?.subject}`);
await ask("EHLO client.example", "250");
await ask(`MAIL FROM:<${from}>`, "250");
await ask(`RCPT TO:<${to}>`, "25");
await ask("DATA", "354");
const lines = `From: ${from}\nTo: ${to}\n\n${text}`.split("\n");
const body = lines.map((line) => line.startsWith(".") ? `.${line}` : line);
console.log((await ask([...body, "."].join("\r\n"), "250")).join());
await ask("QUIT", "221");
await mail.close();
