/**
 * One end of a measurement: `program.ts API ROLE BYTES COUNT [PORT]`. Prints
 * its port, waits for a line, does its part and prints a report.
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

function ping(): Promise<void> {
  return new Promise((resolve) => {
    let left = total;
    const timer = setInterval(again, LOST_MS);
    let before = total;
    function again(): void {
      if (left === before) void end.send(data, port);
      before = left;
    }
    end.onDatagram(() => {
      if (--left > 0) return void end.send(data, port);
      clearInterval(timer);
      resolve();
    });
    void end.send(data, port);
  });
}

function report(ms: number, cpu: NodeJS.CpuUsage, done: number): void {
  const used = process.cpuUsage(cpu);
  const said: Report = {
    count: done,
    ms,
    cpuMicros: used.user + used.system,
    rssBytes: process.memoryUsage().rss,
  };
  console.log(JSON.stringify(said));
}

if (role === "receive") receive();
if (role === "echo") echo();
console.log(end.port);
await lines.next();
const cpu = process.cpuUsage();
const start = performance.now();
if (role === "send") await send();
else if (role === "batch") await batch();
else if (role === "ping") await ping();
else await lines.next(); // Until the other end is done.
const isSink = role === "receive";
const ms = isSink ? last - first : performance.now() - start;
report(ms, cpu, role === "receive" || role === "echo" ? seen : total);
end.close();
process.exit(0);
