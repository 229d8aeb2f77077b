import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { openMailer } from "../../examples/integrations/nodemailer.ts";
import { noise, run } from "./kit.ts";
import { mailServer } from "./smtp.ts";

/** A mail is many lines: ten of them are thousands of writes. */
const MAILS = 10;

await run(async () => {
  const server = mailServer().listen(0, "127.0.0.1");
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
  const big = await mailer.sendMail({ from, to, attachments });
  assert.ok(Number(/^250 (\d+)/.exec(String(big.response))?.[1]) > least);
  mailer.close();
  server.close();

  const refused = openMailer(1);
  const error = await refused.sendMail({ from, to, text: "x" })
    .catch((error) => error);
  assert.match(String(error.code ?? error), /ECONN|ESOCKET/);
});
