/**
 * Loads an echo server of frames, run by Bun, and prints one line of JSON:
 * `bun echo_load.ts PORT PID CONNECTIONS IN_FLIGHT PAYLOAD WARM_MS MEASURE_MS`.
 *
 * It counts bytes and compares what comes back now and then: a frame costs it
 * next to nothing, so that the server is what is measured.
 */

import { readFileSync } from "node:fs";

interface Socket {
  data: { index: number };
  write(bytes: Uint8Array, offset?: number, length?: number): number;
  terminate(): void;
}

interface BunGlobal {
  readonly Bun: {
    connect(options: {
      hostname: string;
      port: number;
      data: { index: number };
      socket: Record<string, (socket: Socket, chunk: Uint8Array) => void>;
    }): Promise<Socket>;
  };
}

const [
  port = 0,
  pid = 0,
  connections = 8,
  inFlight = 512,
  payload = 32,
  warm = 300,
  measure = 1_000,
] = process.argv.slice(2).map(Number);
const { Bun } = globalThis as unknown as BunGlobal;

const frame = new Uint8Array(4 + payload);
new DataView(frame.buffer).setUint32(0, payload);
for (let i = 0; i < payload; i++) frame[4 + i] = i * 7 + 1;
const window = inFlight * frame.length;
/** Two windows of frames, so that any byte of one can be followed by one. */
const pattern = new Uint8Array(2 * window);
for (let i = 0; i < 2 * inFlight; i++) pattern.set(frame, i * frame.length);

const received = new Float64Array(connections);
/** Bytes that may be sent and are not yet. */
const credit = new Float64Array(connections).fill(window);
const sent = new Float64Array(connections);
let wrong = 0;

function refill(socket: Socket): void {
  const { index } = socket.data;
  while (credit[index]! > 0) {
    const from = sent[index]! % window;
    const size = Math.min(credit[index]!, window);
    const count = socket.write(pattern.subarray(from, from + size));
    if (count <= 0) return;
    sent[index]! += count;
    credit[index]! -= count;
    if (count < size) return;
  }
}

const handlers: Record<string, (socket: Socket, chunk: Uint8Array) => void> = {
  data(socket, chunk) {
    const { index } = socket.data;
    const at = received[index]!;
    if (chunk[0] !== pattern[at % window]) wrong++;
    received[index] = at + chunk.length;
    if (chunk.at(-1) !== pattern[(at + chunk.length - 1) % window]) wrong++;
    credit[index]! += chunk.length;
    refill(socket);
  },
  drain: refill,
};

/** Seconds of CPU that the server has used, all its threads together. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!
    .split(" ");
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** KiB of memory that the server has in RAM. */
function residentKib(): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
const sum = (): number => received.reduce((all, each) => all + each, 0);

const sockets: Socket[] = [];
for (let index = 0; index < connections; index++) {
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    data: { index },
    socket: handlers,
  });
  sockets.push(socket);
}
sockets.forEach(refill);
await sleep(warm);
const before = sum();
const cpuBefore = cpuSeconds();
const residentBefore = residentKib();
const start = performance.now();
await sleep(measure);
const bytes = sum() - before;
const seconds = (performance.now() - start) / 1_000;
const cpu = cpuSeconds() - cpuBefore;
const residentAfter = residentKib();
for (const socket of sockets) socket.terminate();
const frames = bytes / frame.length;
console.log(JSON.stringify({
  framesPerSecond: frames / seconds,
  cpuNanosPerFrame: cpu / frames * 1e9,
  residentKib: [residentBefore, residentAfter],
  wrong,
}));
process.exit(wrong > 0 ? 1 : 0);
