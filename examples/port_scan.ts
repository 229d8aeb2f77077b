/**
 * Which ports of this machine are open? All are connected to at once, none is
 * waited for: a connect is over when its socket is writable, and SO_ERROR
 * tells how it ended.
 *
 *     deno run --allow-net examples/port_scan.ts [first] [count]
 *     bun examples/port_scan.ts [first] [count]
 *     node examples/port_scan.ts [first] [count]   (Node 22.18; on 20: .mjs)
 */
import {
  AF_INET,
  errno,
  SO_ERROR,
  socket,
  SOL_SOCKET,
  type StreamSocket,
} from "anysock";
import { EVENT_WRITE, Selector } from "anysock/polling";

const [first = 1, count = 500] = process.argv.slice(2).map(Number);
const DEADLINE_MS = 5_000;

const selector = new Selector<StreamSocket, number>();
for (let port = first; port < first + count; port++) {
  const sock = socket(AF_INET);
  sock.setBlocking(false);
  const code = await sock.connectEx(["127.0.0.1", port]);
  if (code !== errno.EINPROGRESS) throw new Error(`connectEx gave ${code}`);
  selector.register(sock, EVENT_WRITE, port);
}

const open: number[] = [];
const end = performance.now() + DEADLINE_MS;
while (selector.getMap().size > 0 && performance.now() < end) {
  const ready = await selector.select(end - performance.now());
  for (const [{ socket: sock, data: port }] of ready) {
    if (sock.getSockOpt(SOL_SOCKET, SO_ERROR) === 0) open.push(port);
    selector.unregister(sock);
    await sock.close({ lingerMs: 0 });
  }
}
for (const sock of selector.getMap().keys()) await sock.close({ lingerMs: 0 });
selector.close();

open.sort((a, b) => a - b);
for (const port of open) console.log(`${port} is open`);
console.log(`${open.length} of ${count} ports are open`);
