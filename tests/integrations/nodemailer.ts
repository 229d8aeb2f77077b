import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { openMailer } from "../../examples/integrations/nodemailer.ts";
import { noise, run } from "./kit.ts";
import { mailServer } from "./smtp.ts";

/** A mail is many lines: ten of them are thousands of writes. */
const MAILS = 10;

await run(async () => {
  const peers = new Set<Socket>();
  const server = mailServer().listen(0, "127.0.0.1");
  server.on("connection", (peer) => {
    peers.add(peer);
    peer.on("close", () => peers.delete(peer));
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const mailer = openMailer(port, { pool: true, maxConnections: 2 });
  const from = "a@example.org";
  const to = "b@example.org";
  const sent = await Promise.all(
    Array.from(
      { length: MAILS },
      (_, i) =>
        mailer.sendMail({
          from,
          to,
          subject: `${i}`,
          text: "line\n".repeat(500),
        }),
    ),
  );
  assert.ok(sent.every(({ accepted }) => accepted?.includes(to)));
  const content = noise(2 << 20);
  // In base64 a third more, and nothing may be missing.
  const least = content.length * 4 / 3;
  const attachments = [{ filename: "noise.bin", content }];
  const sendBig = () => mailer.sendMail({ from, to, attachments });
  const large = await Promise.all(Array.from({ length: MAILS }, sendBig));
  for (const { response } of large) {
    assert.ok(Number(/^250 (\d+)/.exec(String(response))?.[1]) > least);
  }

  // A restart: what was kept is cut off, and the pool connects anew.
  for (const peer of peers) peer.destroy();
  await new Promise((resolve) => server.close(resolve));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const anew = await mailer.sendMail({ from, to, text: "anew" });
  assert.ok(anew.accepted?.includes(to));

  // An abort: nodemailer has none but the end of its socket, here amid a mail.
  const late = openMailer(port);
  const { getSocket } = late;
  assert.ok(getSocket);
  late.getSocket = (options, done) =>
    getSocket.call(late, options, (error, given) => {
      const { connection } = given as { connection: Socket };
      connection.once("pipe", (mail) => {
        mail.once("data", () => connection.destroy());
      });
      done(error, given);
    });
  await assert.rejects(late.sendMail({ from, to, attachments }));
  mailer.close();
  server.close();

  const refused = openMailer(1);
  const error = await refused.sendMail({ from, to, text: "x" })
    .catch((error) => error);
  assert.match(String(error.code ?? error), /ECONN|ESOCKET/);
});
