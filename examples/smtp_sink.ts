/**
 * A mail server that takes every message and keeps none: to see what a program
 * sends. With a certificate and its key it offers STARTTLS.
 *
 *     deno run --allow-net --allow-read examples/smtp_sink.ts [port cert key]
 *     bun examples/smtp_sink.ts [port cert key]
 *     node examples/smtp_sink.ts [port cert key]     (Node 22.18; on 20: .mjs)
 *
 * Try it: `swaks --server 127.0.0.1:2525 --to you@example.org`
 */

import { readFile } from "node:fs/promises";
import {
  formatAddress,
  IncompleteReadError,
  LimitOverrunError,
  type StreamSocket,
} from "anysock";
import { serve } from "anysock/server";

const MOST_LINE_BYTES = 4096;
const MOST_MAIL_BYTES = 10 * 2 ** 20;
const MOST_RECIPIENTS = 100;

const [port = "2525", certFile, keyFile] = process.argv.slice(2);
const tls = certFile === undefined || keyFile === undefined
  ? undefined
  : { cert: await readFile(certFile), key: await readFile(keyFile) };
const latin1 = new TextDecoder("latin1");
const CONTROL = /[^ -~\xa0-\uffff]/g;

/** Speaks with one client until it says QUIT, or the server stops. */
async function converse(mail: StreamSocket, signal: AbortSignal) {
  const say = (...lines: string[]) => mail.sendAll(`${lines.join("\r\n")}\r\n`);
  const until = { maxBytes: MOST_LINE_BYTES };
  const line = async (options: object = until) =>
    latin1.decode(await mail.recvUntil("\r\n", options));
  let from: string | undefined;
  let to: string[] = [];

  async function take(): Promise<void> {
    let [bytes, subject] = [0, ""];
    for (let next = await line(); next !== "."; next = await line()) {
      const text = next.replace(/^\./, "");
      bytes += text.length + 2;
      if (subject === "" && /^subject:/i.test(text)) subject = text;
    }
    if (bytes > MOST_MAIL_BYTES) return await say("552 Too large");
    const how = mail.tls?.protocol ?? "plain";
    const said = `${bytes} bytes, ${how}, ${subject || "Subject:"}`;
    // What would steer a terminal, or look like another line, is made visible.
    console.log(`${from} to ${to.join(" ")}: ${said}`.replace(CONTROL, "?"));
    await say("250 Taken");
  }

  await say("220 sink ESMTP");
  while (true) {
    const command = await line({ ...until, signal });
    const [, verb = "", rest = ""] = /^(\S*) ?([^]*)$/.exec(command) ?? [];
    const path = /^(?:FROM|TO):<(.*?)>/i.exec(rest)?.[1];
    const identity = mail.tls === undefined ? tls : undefined;
    const name = verb.toUpperCase();
    if (name === "EHLO") {
      const extra = identity === undefined ? [] : ["250-STARTTLS"];
      await say("250-sink", ...extra, "250-PIPELINING", "250 8BITMIME");
    } else if (name === "STARTTLS" && identity !== undefined) {
      await say("220 Go ahead");
      // What came behind the command is no command: it breaks the handshake.
      await mail.startTls({ role: "server", ...identity });
      [from, to] = [undefined, []];
    } else if (name === "MAIL" && path !== undefined) {
      [from, to] = [path, []];
      await say("250 Ok");
    } else if (name === "RCPT" && from !== undefined && path) {
      const isFine = to.length < MOST_RECIPIENTS;
      if (isFine) to.push(path);
      await say(isFine ? "250 Ok" : "452 Too many recipients");
    } else if (name === "DATA" && to.length > 0) {
      await say("354 End with a dot");
      await take();
      [from, to] = [undefined, []];
    } else if (["HELO", "NOOP", "RSET"].includes(name)) {
      if (name === "RSET") [from, to] = [undefined, []];
      await say("250 Ok");
    } else if (name === "QUIT") return await say("221 Bye");
    else await say("503 Not now");
  }
}

const server = await serve(
  ["127.0.0.1", Number(port)],
  async (mail, context) => {
    try {
      await converse(mail, context.signal);
    } catch (error) {
      if (error instanceof IncompleteReadError) return; // it hung up
      if (error instanceof LimitOverrunError) {
        await mail.sendAll("500 Line too long\r\n");
      } else if (error === context.signal.reason) {
        await mail.sendAll("421 Closing\r\n");
      } else throw error;
    }
  },
  {
    ...{ maxConnections: 500, maxPerHost: 20, idleTimeoutMs: 300_000 },
    ...{ maxConnectionMs: 3_600_000, signals: ["SIGTERM", "SIGINT"] },
  },
);
console.log("Listening on", formatAddress(server.address));
