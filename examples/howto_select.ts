/**
 * The HOWTO's third way: one loop over non-blocking sockets, no thread, no
 * callback. `select` says who can be read or written now; nobody is waited
 * for. While it counts primes for one client all others wait.
 *
 *     deno run --allow-net examples/howto_select.ts [port]
 *     bun examples/howto_select.ts [port]
 *     node examples/howto_select.ts [port]          (Node 22.18; on 20: .mjs)
 */

import { formatAddress, listen, type StreamSocket } from "anysock";
import { lines } from "anysock/framing";
import * as poll from "anysock/polling";
import { answer } from "./howto_handler.ts";

class Client {
  readonly requests = lines({ maxLength: 32 }).decoder();
  answers = new Uint8Array(); // what the socket did not take yet
}

const port = Number(process.argv[2] ?? 50007);
const server = await listen(["127.0.0.1", port]);
const clients = new Map<StreamSocket, Client>();
const selector = new poll.Selector<StreamSocket | typeof server>();
selector.register(server, poll.EVENT_READ);
console.log("Listening on", formatAddress(server.getSockName()));

function accept(): void {
  const [arrived] = server.tryAccept() ?? [];
  if (arrived === undefined) return;
  clients.set(arrived, new Client());
  selector.register(arrived, poll.EVENT_READ);
}

function leave(sock: StreamSocket): void {
  clients.delete(sock);
  selector.unregister(sock);
  void sock.close();
}

/** Reads what has come, and answers it. */
function read(sock: StreamSocket, client: Client): void {
  const bytes = sock.tryRecv();
  if (bytes === null) return leave(sock);
  if (bytes === undefined) return;
  const texts = client.requests.push(bytes).map((line) => `${answer(line)}\n`);
  const more = new TextEncoder().encode(texts.join(""));
  client.answers = Uint8Array.from([...client.answers, ...more]);
  write(sock, client);
}

/** Writes what the socket takes, and asks to be told when it takes more. */
function write(sock: StreamSocket, client: Client): void {
  client.answers = client.answers.slice(sock.trySend(client.answers) ?? 0);
  // Who does not read its answers is asked for no more.
  const isFull = client.answers.length > 0;
  selector.modify(sock, isFull ? poll.EVENT_WRITE : poll.EVENT_READ);
}

for await (const ready of selector) {
  for (const [{ socket }, events] of ready) {
    if (socket === server) {
      accept();
      continue;
    }
    const sock = socket as StreamSocket;
    const client = clients.get(sock);
    if (client === undefined) continue;
    try {
      if (events & poll.EVENT_WRITE) write(sock, client);
      else read(sock, client);
    } catch {
      leave(sock);
    }
  }
}
