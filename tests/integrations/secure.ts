/**
 * One library over TLS, loaded by itself: that of `node:tls` on top of a socket of ours, or ours
 * below it.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { connect } from "../../mod.ts";
import {
  createConnection,
  type NodeSocket,
  toNodeSocket,
} from "../../src/node/mod.ts";
import { BIG, MANY as ALL, nextEvent, noise, PORT, run } from "./kit.ts";

const [, , , library = "", path = ""] = process.argv;
const ca = readFileSync(path, "utf8");
const host = "localhost";
/** What goes over TLS went without it before: less is enough. */
const MANY = ALL / 10;
const big = noise(BIG >> 3);

/** TLS of `node:tls` over one of our sockets. */
function above(): Duplex {
  const socket = createConnection(PORT, "127.0.0.1");
  // A reset behind the last word is nobody's once the TLS above has ended.
  socket.on("error", () => {});
  return connectTls({ socket, ca, servername: host });
}

/** TLS of ours, which nobody above has to know of. */
function below(): NodeSocket {
  return createConnection({ port: PORT, host, tls: { ca } });
}

/** A connection to PostgreSQL that has gone over to TLS before pg sees it. */
async function securedPostgres(): Promise<NodeSocket> {
  const sock = await connect({ hostname: "127.0.0.1", port: PORT });
  await sock.sendAll(new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]));
  assert.equal(String.fromCharCode(...await sock.recvExactly(1)), "S");
  await sock.startTls({ ca, serverName: host });
  const socket = toNodeSocket(sock);
  socket.connect = () => {
    queueMicrotask(() => socket.emit("connect"));
    return socket;
  };
  return socket;
}

async function redis(make: () => Duplex): Promise<void> {
  const { openRedis } = await import("../../examples/integrations/ioredis.ts");
  const redis = openRedis(PORT, {}, make as () => NodeSocket);
  const pipeline = redis.pipeline();
  for (let i = 0; i < MANY; i++) pipeline.set(`k${i}`, i).get(`k${i}`);
  const results = await pipeline.exec();
  assert.equal(results?.length, 2 * MANY);
  await redis.set("big", big);
  assert.ok(big.equals((await redis.getBuffer("big"))!));
  redis.disconnect();
}

async function mqtt(make: () => Duplex): Promise<void> {
  const { openMqtt } = await import("../../examples/integrations/mqtt.ts");
  const client = openMqtt(PORT, {}, make as () => NodeSocket);
  await nextEvent(client, "connect");
  await client.subscribeAsync("big");
  await Promise.all(
    Array.from(
      { length: MANY },
      (_, i) => client.publishAsync("t", `${i}`, { qos: 1 }),
    ),
  );
  const message = nextEvent(client, "message");
  await client.publishAsync("big", big);
  assert.ok(big.equals((await message)[1] as Uint8Array));
  // A reset behind the last word is nobody's.
  client.on("error", () => {});
  await client.endAsync();
}

async function pg(options: object): Promise<void> {
  const { openPostgres } = await import("../../examples/integrations/pg.ts");
  const client = openPostgres(PORT, options);
  await client.connect();
  const { rows: [row] } = await client.query(
    "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
  );
  assert.equal(row.ssl, true);
  const sums = await Promise.all(
    Array.from({ length: MANY }, (_, i) => client.query("select $1::int", [i])),
  );
  assert.equal(sums.length, MANY);
  const echo = await client.query("select $1::bytea as big", [big]);
  assert.ok(big.equals(echo.rows[0].big));
  await client.end();
}

async function mysql(): Promise<void> {
  const { openMysql } = await import("../../examples/integrations/mysql2.ts");
  const connection = await openMysql(PORT, {
    user: "tester",
    password: "",
    database: "test",
    // Its server is known by an address.
    ssl: { ca },
  });
  const [status] = await connection.query("show status like 'ssl_cipher'");
  assert.match((status as { Value: string }[])[0]!.Value, /TLS|AES/);
  await Promise.all(
    Array.from({ length: MANY }, (_, i) => connection.query("select ?", [i])),
  );
  const [rows] = await connection.query("select ? as big", [big]);
  assert.ok(big.equals((rows as { big: Buffer }[])[0]!.big));
  await connection.end();
}

async function nats(): Promise<void> {
  const { openNats } = await import("../../examples/integrations/nats.ts");
  const nc = await openNats({ servers: `${host}:${PORT}`, tls: { ca } });
  nc.subscribe("echo", {
    callback: (_error, message) => void message.respond(message.data),
  });
  const answers = await Promise.all(
    Array.from({ length: MANY }, (_, i) => nc.request("echo", `${i}`)),
  );
  assert.ok(answers.every((answer, i) => answer.string() === `${i}`));
  const half = big.subarray(0, 1 << 19);
  assert.ok(half.equals((await nc.request("echo", half)).data));
  await nc.drain();
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  async ioredis() {
    await redis(above);
    await redis(below);
  },
  async mqtt() {
    await mqtt(above);
    await mqtt(below);
  },
  async pg() {
    await pg({ ssl: { ca, servername: host } });
    const socket = await securedPostgres();
    await pg({ stream: () => socket });
  },
  mysql,
  nats,
};

await run(programs[library]!);
