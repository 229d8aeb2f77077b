/**
 * How each real server is started, that tests and benchmarks of libraries may
 * restart; with TLS where it is given certificates.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postgresFolder } from "../framing/real_servers.ts";
import { environment } from "../runtimes.ts";
import { authority, localhost } from "../support/certificates.ts";
import { reservedPort } from "../support/reserved_port.ts";
import { type RealServer, realServer } from "./servers.ts";

/** The files of a server with TLS, as PEM. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Writes certificates of this machine's name into a folder. */
export function tlsFilesIn(dir: string): TlsFiles {
  const write = (name: string, text: string) => {
    const path = join(dir, `${name}.pem`);
    writeFileSync(path, text);
    chmodSync(path, 0o600);
    return path;
  };
  const { cert, key } = localhost();
  return {
    ca: write("ca", authority().cert),
    cert: write("cert", cert),
    key: write("key", key),
  };
}

/** A server, and its port for TLS if it has another. */
export interface SecureServer extends RealServer {
  readonly tlsPort?: number;
}

/** A redis-server that keeps nothing. */
export async function redisServer(
  dir: string,
  tls?: TlsFiles,
): Promise<SecureServer> {
  const tlsPort = tls && await reservedPort();
  const secure = tls === undefined ? [] : [
    ...["--tls-port", `${tlsPort}`, "--tls-cert-file", tls.cert],
    ...["--tls-key-file", tls.key, "--tls-ca-cert-file", tls.ca],
    ...["--tls-auth-clients", "no"],
  ];
  const server = await realServer((port) => [
    ...["redis-server", "--port", `${port}`, "--bind", "127.0.0.1"],
    ...["--save", "", "--dir", dir, ...secure],
  ], /Ready to accept connections/);
  return { ...server, ...tlsPort !== undefined && { tlsPort } };
}

/** It refuses to run as root. */
const AS_NOBODY = [
  "setpriv",
  "--reuid=nobody",
  "--regid=nogroup",
  "--clear-groups",
];

/** A PostgreSQL with the user postgres, who needs no password. */
export function postgresServer(
  dir: string,
  tls?: TlsFiles,
): Promise<SecureServer> {
  const folder = postgresFolder() ?? "";
  const isRoot = runOrThrow(["id", "-u"]).trim() === "0";
  const as = isRoot ? AS_NOBODY : [];
  if (isRoot) runOrThrow(["chown", "-R", "nobody", dir]);
  const data = join(dir, "data");
  runOrThrow([
    ...[...as, join(folder, "initdb"), "-D", data, "-U", "postgres"],
    ...["-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"],
    "--locale=C",
  ]);
  const secure = tls === undefined ? [] : [
    ...["-c", "ssl=on", "-c", `ssl_cert_file=${tls.cert}`],
    ...["-c", `ssl_key_file=${tls.key}`],
  ];
  return realServer((port) => [
    ...[...as, join(folder, "postgres"), "-D", data, "-p", `${port}`],
    ...["-h", "127.0.0.1", "-F", "-k", "", ...secure],
  ], /ready to accept connections/);
}

const SQL = `create database test;
create user tester@127.0.0.1 identified by '';
grant all on test.* to tester@127.0.0.1;
`;

/** A MariaDB with a database `test` of the user `tester`. */
export function mariadbServer(
  dir: string,
  tls?: TlsFiles,
): Promise<SecureServer> {
  const data = join(dir, "data");
  runOrThrow([
    ...["mariadb-install-db", "--no-defaults", `--datadir=${data}`],
    ...["--skip-test-db", "--auth-root-authentication-method=normal"],
    "--skip-name-resolve",
    // Two at a time in the system's own would meet in one file.
    `--tmpdir=${dir}`,
  ]);
  writeFileSync(join(dir, "init.sql"), SQL);
  let isFirst = true;
  const secure = tls === undefined
    ? []
    : [`--ssl-ca=${tls.ca}`, `--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`];
  return realServer((port) => {
    const init = isFirst ? [`--init-file=${join(dir, "init.sql")}`] : [];
    isFirst = false;
    return [
      ...["mariadbd", "--no-defaults", `--datadir=${data}`],
      ...[`--port=${port}`, "--bind-address=127.0.0.1", "--user=root"],
      ...[`--socket=${join(dir, "s")}`, "--max-allowed-packet=64M"],
      `--tmpdir=${dir}`,
      ...["--skip-name-resolve", "--innodb-flush-method=fsync"],
      ...[...secure, ...init],
    ];
  }, /ready for connections/);
}

/** A mosquitto that anybody may use. */
export async function mosquittoServer(
  dir: string,
  tls?: TlsFiles,
): Promise<SecureServer> {
  const path = join(dir, "mosquitto.conf");
  const tlsPort = tls && await reservedPort();
  const secure = tls === undefined ? [] : [
    `listener ${tlsPort} 127.0.0.1`,
    ...[`certfile ${tls.cert}`, `keyfile ${tls.key}`],
  ];
  const server = await realServer((port) => {
    const lines = [
      "allow_anonymous true",
      // All of what is published at once waits for its acknowledgement.
      ...["max_queued_messages 0", "max_inflight_messages 0"],
      ...[`listener ${port} 127.0.0.1`, ...secure],
      // Else it becomes somebody who may not read its key.
      "user root",
    ];
    writeFileSync(path, lines.join("\n") + "\n");
    return ["mosquitto", "-c", path];
  }, /mosquitto version .* running/);
  return { ...server, ...tlsPort !== undefined && { tlsPort } };
}

/** A nats-server, which asks for TLS where it has certificates. */
export function natsServer(tls?: TlsFiles): Promise<SecureServer> {
  const secure = tls === undefined
    ? []
    : ["--tls", "--tlscert", tls.cert, "--tlskey", tls.key];
  return realServer(
    (port) => [
      ...["nats-server", "-a", "127.0.0.1", "-p", `${port}`],
      ...secure,
    ],
    /Server is ready/,
  );
}

/** An nginx that gives away the files of a folder. */
export function nginxServer(dir: string): Promise<SecureServer> {
  const conf = join(dir, "nginx.conf");
  return realServer((port) => {
    const text = `daemon off; pid ${dir}/pid; error_log stderr notice;
worker_processes 1; events {}
http {
  access_log off; sendfile on; keepalive_requests 1000000;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  server { listen 127.0.0.1:${port}; root ${dir}; }
}
`;
    writeFileSync(conf, text);
    const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
    return ["nginx", "-e", "stderr", "-c", conf, ...user];
  }, /start worker process /);
}

/** An sshd that lets its own user in by a key; gives the client's, too. */
export function sshServer(dir: string): Promise<SecureServer> {
  const make = (name: string) => {
    const path = join(dir, name);
    if (existsSync(path)) return path;
    runOrThrow([
      ...["ssh-keygen", "-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f", path],
    ]);
    return path;
  };
  const host = make("host_key");
  writeFileSync(
    join(dir, "authorized"),
    runOrThrow(["cat", `${make("user_key")}.pub`]),
  );
  // Where it leaves its privileges; it is started in vain without.
  runOrThrow(["mkdir", "-p", "/run/sshd"]);
  return realServer((port) => [
    ...["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", `${port}`],
    ...["-h", host, "-o", "ListenAddress=127.0.0.1", "-o", "UsePAM=no"],
    ...["-o", `AuthorizedKeysFile=${join(dir, "authorized")}`],
    ...["-o", "StrictModes=no", "-o", "PermitRootLogin=prohibit-password"],
    ...["-o", "MaxSessions=100", "-o", "PidFile=none"],
  ], /Server listening/);
}

function runOrThrow(command: readonly string[]): string {
  const [program = "", ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: "/",
    env: environment(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
  return stdout;
}
