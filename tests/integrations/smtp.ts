/**
 * A server of mail that takes everything, and says how many bytes that was.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";

/** What each command but DATA is answered. */
const ANSWERS: Readonly<Record<string, string>> = {
  EHLO: "250-here\r\n250 8BITMIME",
  MAIL: "250 sender",
  RCPT: "250 recipient",
  DATA: "354 go on",
  RSET: "250 forgotten",
  QUIT: "221 bye",
};

/** A server that does not listen yet. */
export function mailServer(): Server {
  return createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 here\r\n");
    // Whoever is cut off amid a mail says no more.
    converse(socket).catch(() => {});
  });
}

async function converse(socket: Socket): Promise<void> {
  let text = "";
  let isMail = false;
  for await (const chunk of socket.setEncoding("latin1")) {
    text += chunk;
    while (true) {
      const end = isMail ? "\r\n.\r\n" : "\r\n";
      const at = text.indexOf(end);
      if (at < 0) break;
      const line = text.slice(0, at);
      text = text.slice(at + end.length);
      const command = line.slice(0, 4).toUpperCase();
      const answer = isMail ? `250 ${line.length} bytes` : ANSWERS[command];
      isMail = !isMail && command === "DATA";
      socket.write(`${answer ?? "500 what?"}\r\n`);
      if (!isMail && command === "QUIT") return void socket.end();
    }
  }
}
