/**
 * A chat in one loop: a listener and many guests, no thread, no callback.
 * Every line of a guest goes to the others. Try `nc 127.0.0.1 50007`.
 *
 *     deno run --allow-net examples/select_chat.ts [port]
 *     bun examples/select_chat.ts [port]
 *     node examples/select_chat.ts [port]          (Node 22.18; on 20: .mjs)
 */
import { formatAddress, listen, type StreamSocket } from "anysock";
import { lines } from "anysock/framing";
import * as poll from "anysock/polling";

class Guest {
  readonly decoder = lines().decoder();
  waiting: number[] = []; // bytes that the socket did not take yet
}
const guests = new Map<StreamSocket, Guest>();
const server = await listen(["127.0.0.1", Number(process.argv[2] ?? 50007)]);
console.log("Listening on", formatAddress(server.getSockName()));
const selector = new poll.Selector<StreamSocket | typeof server>();
selector.register(server, poll.EVENT_READ);

/** Whatever fails with a guest ends that guest alone. */
function forGuest(sock: StreamSocket, action: (guest: Guest) => void): void {
  const guest = guests.get(sock);
  try {
    if (guest) action(guest);
  } catch {
    guests.delete(sock);
    selector.unregister(sock);
    sock.close();
  }
}

/** Sends what the socket takes now, and asks to be told when it takes more. */
function tell(sock: StreamSocket, { waiting }: Guest, text: string): void {
  waiting.push(...new TextEncoder().encode(text));
  waiting.splice(0, sock.trySend(Uint8Array.from(waiting)) ?? 0);
  if (waiting.length > 65_536) throw new Error("One who does not listen");
  const write = waiting.length > 0 ? poll.EVENT_WRITE : 0;
  selector.modify(sock, poll.EVENT_READ | write);
}

for await (const ready of selector) {
  for (const [{ socket }] of ready) {
    const [arrived] = (socket === server && server.tryAccept()) || [];
    if (arrived) guests.set(arrived, new Guest());
    if (arrived) selector.register(arrived, poll.EVENT_READ);
    forGuest(socket as StreamSocket, (guest) => {
      tell(socket as StreamSocket, guest, "");
      const bytes = (socket as StreamSocket).tryRecv();
      if (bytes === null) throw new Error("One who has left");
      for (const line of bytes ? guest.decoder.push(bytes) : []) {
        for (const other of [...guests.keys()].filter((g) => g !== socket)) {
          forGuest(other, (each) => tell(other, each, `${line}\n`));
        }
      }
    });
  }
}
