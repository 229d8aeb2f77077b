/**
 * TLS with servers that know nothing of this library, from the start or behind
 * what each of them says before; and strange clients of our STARTTLS server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type StreamSocket } from "../../mod.ts";
import { portOf, startProgram } from "../examples/programs.ts";
import {
  postgresFolder,
  type TlsFiles,
  withPostgres,
  withRedis,
} from "../framing/real_servers.ts";
import { test } from "../harness.ts";
import {
  authority,
  certificate,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { reservedPort } from "../support/reserved_port.ts";
import { withTempDir } from "../temp.ts";
import { closeAll, refusal } from "../tls/kit.ts";
import { collect, missing, runProgram, withProgram } from "./programs.ts";

const lack = lackOfOpenssl();

/** Writes the certificates into a folder. */
function filesIn(dir: string): TlsFiles {
  const { cert, key } = localhost();
  const texts = { cert, key, ca: authority().cert };
  const paths = Object.entries(texts).map(([name, text]) => {
    const path = join(dir, `${name}.pem`);
    writeFileSync(path, text);
    chmodSync(path, 0o600);
    return [name, path];
  });
  return Object.fromEntries(paths);
}

/** A verified connection to a server of this machine. */
function call(port: number, tls: object = {}): Promise<StreamSocket> {
  return connect(["localhost", port], {
    tls: { ca: authority().cert, ...tls },
    timeoutMs: 10_000,
  });
}

async function textOf(socket: StreamSocket): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

test(
  "nginx serves us a page over TLS and ends it by close_notify",
  () =>
    withTempDir(async (dir) => {
      const port = await reservedPort();
      const { cert, key } = filesIn(dir);
      const page = new Uint8Array(300_000).fill(7);
      await mkdir(join(dir, "html"));
      await writeFile(join(dir, "html", "page"), page);
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${dir}/${name};`).join("\n");
      await writeFile(
        join(dir, "nginx.conf"),
        `daemon off; master_process off; pid ${dir}/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off; ${temporary}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate ${cert}; ssl_certificate_key ${key};
    root ${dir}/html;
  }
}`,
      );
      const args = ["-p", dir, "-e", "stderr", "-c", join(dir, "nginx.conf")];
      await withProgram(["nginx", ...args], async (nginx) => {
        await nginx.complained(/using the "\w+" event method/);
        for (const minVersion of ["TLSv1.2", "TLSv1.3"]) {
          const sock = await call(port, {
            minVersion,
            alpnProtocols: ["http/1.1"],
          });
          assert.equal(sock.tls?.alpnProtocol, "http/1.1");
          await sock.sendAll("GET /page HTTP/1.0\r\n\r\n");
          await sock.recvUntil("\r\n\r\n");
          const { length } = await collect(sock);
          assert.equal(length, page.length);
          await closeAll(sock);
        }
        await nginx.stop();
      });
    }),
  { skip: lack ?? missing("nginx") },
);

test(
  "openssl s_server is a server like others",
  () =>
    withTempDir(async (dir) => {
      const port = await reservedPort();
      const { cert, key } = filesIn(dir);
      const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-www"];
      const files = ["-cert", cert, "-key", key];
      await withProgram(["openssl", ...args, ...files], async (server) => {
        await server.printed(/ACCEPT/);
        const sock = await call(port);
        await sock.sendAll("GET / HTTP/1.0\r\n\r\n");
        assert.match(await textOf(sock), /HTTP\/1\.0 200 ok[^]*TLSv1\.3/);
        await closeAll(sock);
        const other = call(port, { serverName: "elsewhere" });
        assert.equal(await refusal(other), "TLS_CERT_NAME");
        await server.stop();
      });
    }),
  { skip: lack },
);

test(
  "redis-server answers whom it knows by a certificate, and no other",
  () =>
    withTempDir((dir) =>
      withRedis(dir, async (port) => {
        const shown = certificate("redis client", {
          extensions: "extendedKeyUsage=clientAuth",
        });
        const sock = await call(port, shown);
        await sock.sendAll("PING\r\n");
        assert.equal((await sock.recvExactly(7)).length, 7);
        await closeAll(sock);
        const stranger = await call(port);
        assert.equal(
          await refusal(stranger.recv()),
          "TLS_ALERT certificate_required",
        );
        await closeAll(stranger);
      }, filesIn(dir))
    ),
  { skip: lack ?? missing("redis-server") },
);

test(
  "postgres_tls asks PostgreSQL, which lets nobody in without TLS",
  () =>
    withTempDir(async (dir) => {
      const files = filesIn(dir);
      const roots = join(dir, "roots.pem");
      writeFileSync(roots, authority().cert);
      await withPostgres(dir, async (port) => {
        const sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        const ask = (...roots: string[]) =>
          startProgram(
            "examples/postgres_tls.ts",
            ...[`localhost:${port}`, "postgres", sql, ...roots],
          ).ended;
        const [right, wrong] = await Promise.all([ask(roots), ask()]);
        assert.equal(right.stdout, "t\n", right.stderr);
        assert.equal(right.code, 0);
        assert.match(wrong.stderr, /leads to no trusted root/);
        assert.notEqual(wrong.code, 0);
      }, files);
    }),
  {
    timeoutMs: 60_000,
    skip: lack ?? (postgresFolder() === undefined &&
      "postgresql is not installed"),
  },
);

/** An SMTP server of its own, which offers STARTTLS and keeps what it takes. */
async function withExim(
  dir: string,
  fn: (port: number) => Promise<void>,
): Promise<void> {
  const port = await reservedPort();
  const { cert, key } = filesIn(dir);
  chmodSync(dir, 0o777); // it gives up being root
  for (const file of [cert, key]) chmodSync(file, 0o644);
  const config = join(dir, "exim.conf");
  await writeFile(
    config,
    `exim_user = nobody
exim_group = nogroup
spool_directory = ${dir}/spool
log_file_path = ${dir}/%slog
pid_file_path = ${dir}/pid
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
primary_hostname = localhost
tls_advertise_hosts = *
tls_certificate = ${cert}
tls_privatekey = ${key}
acl_smtp_rcpt = all
acl_smtp_data = all
queue_only
begin acl
all:
  accept
begin routers
all:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = ${dir}/mail
  user = nobody
`,
  );
  chmodSync(config, 0o644);
  await withProgram(["exim4", "-bdf", "-C", config], async (exim) => {
    const log = () => readFile(join(dir, "mainlog"), "utf8").catch(() => "");
    const gone = exim.ended.then(({ stderr }) => {
      throw new Error(`exim4 has ended: ${stderr}`);
    });
    gone.catch(() => {}); // told below, while it is waited for
    const ready = async (): Promise<void> => {
      while (!/listening for SMTP/.test(await log())) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await Promise.race([ready(), gone]);
    await fn(port);
    await exim.stop();
  });
}

test(
  "smtp_starttls sends a mail to exim over TLS",
  () =>
    withTempDir((dir) =>
      withExim(dir, async (port) => {
        const { code, stdout, stderr } = await startProgram(
          "examples/smtp_starttls.ts",
          ...[`localhost:${port}`, "me@localhost", "you@localhost"],
          ...["over TLS\n.with a dot", join(dir, "ca.pem")],
        ).ended;
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^TLSv1\.[23] with CN=localhost\n250 /);
        assert.match(
          readFileSync(join(dir, "mainlog"), "utf8"),
          /<= me@localhost .*P=esmtps X=TLS1/,
        );
        const spool = join(dir, "spool", "input");
        const [mail = ""] = (await readdir(spool))
          .filter((name) => name.endsWith("-D"));
        const text = readFileSync(join(spool, mail), "utf8");
        assert.match(text, /over TLS\n\.with a dot\n$/);
      })
    ),
  { skip: lack ?? missing("exim4") },
);

const SMTPLIB = `
import smtplib, ssl, sys
port, ca = int(sys.argv[1]), sys.argv[2]
with smtplib.SMTP("localhost", port, timeout=10) as mail:
    mail.starttls(context=ssl.create_default_context(cafile=ca))
    mail.sendmail("me@localhost", "you@localhost", "Subject: by smtplib\\n\\nhi")
`;

test(
  "smtplib and s_client go over to TLS with our mail server",
  () =>
    withTempDir(async (dir) => {
      const { cert, key, ca } = filesIn(dir);
      const sink = startProgram("examples/smtp_sink.ts", "0", cert, key);
      try {
        const port = await portOf(sink);
        const [python, openssl] = await Promise.all([
          runProgram(["python3", "-c", SMTPLIB, `${port}`, ca]),
          runProgram([
            "openssl",
            ...[
              "s_client",
              "-connect",
              `localhost:${port}`,
              "-starttls",
              "smtp",
            ],
            ...["-CAfile", ca, "-verify_return_error", "-quiet"],
            ...["-verify_hostname", "localhost", "-ign_eof"],
          ], new TextEncoder().encode("QUIT\r\n")),
        ]);
        assert.equal(python.code, 0, python.stderr);
        await sink.printed(
          /me@localhost to you@localhost: .*TLSv1\.3.*smtplib/,
        );
        assert.equal(openssl.code, 0, openssl.stderr);
        assert.match(new TextDecoder().decode(openssl.stdout), /221 Bye/);
      } finally {
        await sink.stop();
      }
    }),
  { skip: lack ?? missing("python3") },
);
