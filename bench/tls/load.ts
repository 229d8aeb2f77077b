/**
 * The load generator, run by Node in a process of its own: clients of
 * `node:tls`. Prints one line of JSON. With `hold` it keeps the connections
 * open until its standard input ends.
 *
 *     node bench/tls/load.ts MODE PORT PID CONNECTIONS BYTES WARM_MS MEASURE_MS
 */

import { readdirSync, readFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";
import type { Measurement } from "../echo/load.ts";
import { type Mode, modes } from "./cases.ts";

/** The CPU time of all threads of a process, in nanoseconds. */
function cpuNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8");
    return sum + Number(stat.split(" ")[0]);
  }, 0);
}

async function main(args: readonly string[]): Promise<void> {
  const mode = args[0] as Mode;
  const [port, pid, connections, bytes, warmMs, measureMs] = args.slice(1)
    .map(Number) as [number, number, number, number, number, number];
  if (!modes.includes(mode)) throw new TypeError(`Bad mode ${mode}`);
  const message = new Uint8Array(bytes).fill(1);
  let ops = 0;

  // What is measured is the work of TLS, not of a verdict.
  const open = (secured: (socket: TLSSocket) => void): TLSSocket => {
    const socket = connect({
      host: "127.0.0.1",
      port,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
    }, () => secured(socket));
    socket.setNoDelay(true);
    socket.on("error", (error) => fail(error));
    return socket;
  };
  const fail = (error: Error): void => {
    console.error(error);
    process.exit(1);
  };

  const echo = (socket: TLSSocket): void => {
    let got = 0;
    socket.on("data", (chunk) => {
      got += chunk.length;
      if (got < bytes) return;
      got = 0;
      ops++;
      socket.write(message);
    });
    socket.write(message);
  };
  const upload = (socket: TLSSocket): void => {
    const send = (): void =>
      void socket.write(message, () => {
        ops++;
        send();
      });
    send();
    send();
  };
  let received = 0;
  const download = (socket: TLSSocket): void => {
    socket.on("data", (chunk) => {
      received += chunk.length;
      ops = received / bytes;
    });
  };
  const again = (socket: TLSSocket): void => {
    socket.on("data", () => {
      ops++;
      socket.end();
      open(again);
    });
    socket.write(message);
  };
  const hold = (socket: TLSSocket): void => {
    socket.once("data", () => ops++);
    socket.write(message);
  };
  const talk = { echo, upload, download, connect: again, hold }[mode];
  for (let i = 0; i < connections; i++) {
    open(talk);
    // A few at a time: a server's queue is not what is measured.
    if (i % 16 === 15) await sleep(5);
  }

  if (mode === "hold") {
    while (ops < connections) await sleep(5);
    console.log("held");
    for await (const _ of process.stdin);
    process.exit(0);
  }
  await sleep(warmMs);
  const before = {
    ops,
    at: performance.now(),
    server: cpuNs(pid),
    own: process.cpuUsage(),
  };
  await sleep(measureMs);
  const done = ops - before.ops;
  const own = process.cpuUsage(before.own);
  const result: Measurement = {
    ops: done,
    bytes: done * bytes,
    seconds: (performance.now() - before.at) / 1000,
    serverCpuSeconds: (cpuNs(pid) - before.server) / 1e9,
    loadCpuSeconds: (own.user + own.system) / 1e6,
  };
  console.log(JSON.stringify(result));
  process.exit(0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await main(process.argv.slice(2));
