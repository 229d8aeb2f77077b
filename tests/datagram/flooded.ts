/** Floods a socket that nobody reads; prints how much the process has grown. */

import process from "node:process";
import { AF_INET, SOCK_DGRAM, socket } from "../../mod.ts";

const [from, to] = [socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)];
await to.bind(["127.0.0.1", 0]);
const data = new Uint8Array(32_768);
const target = to.getSockName();

async function flood(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await from.sendTo(data, target);
    if (i % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

to.tryRecvFrom();
await flood(2_000);
const before = process.memoryUsage().rss;
await flood(16_000);
const grown = process.memoryUsage().rss - before;
const grownMiB = Math.round(grown / 2 ** 20);
console.log(JSON.stringify({ sent: from.stats.sent - 2_000, grownMiB }));
process.exit(0);
