/**
 * nodemailer over a socket of ours: `getSocket` gives one that is connected.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import nodemailer, { type Transporter } from "nodemailer";
import { connect } from "../../mod.ts";
import { toNodeSocket } from "../../src/node/mod.ts";

/** What sends mail by a server on this machine. */
export function openMailer(port: number, options: object = {}): Transporter {
  const address = { hostname: "127.0.0.1", port };
  const mailer = nodemailer.createTransport({
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    ...options,
  });
  mailer.getSocket = (_options, callback) => {
    connect(address).then(
      (sock) =>
        callback(null, { connection: toNodeSocket(sock) as Duplex as Socket }),
      (error) => callback(error),
    );
  };
  return mailer;
}
