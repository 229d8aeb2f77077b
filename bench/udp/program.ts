/**
 * One end of a measurement: `program.ts API ROLE BYTES COUNT [PORT]`. Prints
 * its port, and for each line it is told does its part and prints a report:
 * an end that sends does as it is told, one that receives until the next line.
 * The first part is the warm-up, which ends with the JIT compilers settled.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { endpoint, turn } from "./endpoints.ts";
import type { Api, Report } from "./results.ts";

const [api, role, bytes, count, peer] = process.argv.slice(2);
const size = Number(bytes);
const total = Number(count);
const port = Number(peer);
const data = new Uint8Array(size).fill(7);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const end = await endpoint(api as Api);

/** Datagrams between two turns of the event loop, and in a batch. */
const STRIDE = 64;
/** Silence after which a lost echo is sent again, in milliseconds. */
const LOST_MS = 200;

let seen = 0;
let first = 0;
let last = 0;

function receive(): void {
  end.onDatagram(() => {
    last = performance.now();
    if (seen++ === 0) first = last;
  });
}

/** Receives, and never sleeps: to wake it is not what a send costs. */
function drain(): void {
  receive();
  const spin = (): void => void setImmediate(spin);
  spin();
}

function echo(): void {
  end.onDatagram((datagram, from) => {
    seen++;
    void end.send(datagram, from);
  });
}

async function send(): Promise<void> {
  for (let i = 0; i < total; i++) {
    await end.send(data, port);
    // Whatever the API: without it no timer would ever fire.
    if (i % STRIDE === 0) await turn();
  }
}

async function batch(): Promise<void> {
  for (let i = 0; i < total; i += STRIDE) {
    await end.sendBatch(data, port, STRIDE);
    await turn();
  }
}

let left = 0;
let finish = (): void => {};

function hearEchoes(): void {
  end.onDatagram(() => {
    if (left > 0 && --left > 0) return void end.send(data, port);
    finish();
  });
}

async function ping(): Promise<void> {
  left = total;
  let before = total;
  const timer = setInterval(() => {
    if (left === before) void end.send(data, port);
    before = left;
  }, LOST_MS);
  await new Promise<void>((resolve) => {
    finish = resolve;
    void end.send(data, port);
  });
  clearInterval(timer);
}

const SENDING: Readonly<Record<string, () => Promise<void>>> = {
  send,
  batch,
  ping,
};

/** Does its part: sends so much, or receives until the next line. */
async function play(): Promise<Report> {
  seen = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const act = SENDING[role!];
  if (act === undefined) await lines.next();
  else await act();
  const used = process.cpuUsage(cpu);
  return {
    count: act === undefined ? seen : total,
    ms: role === "receive" ? last - first : performance.now() - start,
    cpuMicros: used.user + used.system,
    rssBytes: process.memoryUsage().rss,
  };
}

if (role === "receive") receive();
else if (role === "drain") drain();
else if (role === "echo") echo();
else if (role === "ping") hearEchoes();
console.log(end.port);
while (!(await lines.next()).done) console.log(JSON.stringify(await play()));
end.close();
process.exit(0);
