/**
 * A chat: the first line of a guest is the name, every later line goes to all
 * the others. Talk to it with `nc 127.0.0.1 50007`.
 *
 *     deno run --allow-net examples/line_chat.ts [port]
 *     bun examples/line_chat.ts [port]
 *     node examples/line_chat.ts [port]            (Node 22.18; on 20: .mjs)
 */
import { formatAddress, listen } from "anysock";
import type { SocketFile, StreamSocket } from "anysock";

class Guest {
  readonly lines: SocketFile<string>;
  readonly #sock: StreamSocket;
  #told: Promise<void> = Promise.resolve();
  constructor(sock: StreamSocket) {
    this.#sock = sock;
    this.lines = sock.makeFile("r", { encoding: "utf-8" });
  }
  /** A socket has one sender at a time, so each line waits for the last. */
  tell(text: string): Promise<void> {
    return this.#told = this.#told
      .then(() => this.#sock.sendAll(`${text}\n`, { timeoutMs: 5_000 }))
      .catch(() => this.close());
  }
  /** A connection ends when the socket and its files are closed. */
  async close(): Promise<void> {
    await Promise.all([this.lines.close(), this.#sock.close()]);
  }
}

const guests = new Map<string, Guest>();

function tellOthers(name: string, text: string): void {
  for (const [each, guest] of guests) if (each !== name) guest.tell(text);
}

async function chat(guest: Guest): Promise<void> {
  const { lines } = guest;
  const name = (await lines.readLine())?.trim();
  if (!name || guests.has(name)) return guest.tell("No luck. Good bye.");
  guests.set(name, guest);
  guest.tell(`Hello ${name}, ${guests.size} here`);
  tellOthers(name, `* ${name} came`);
  try {
    for await (const line of lines) tellOthers(name, `${name}: ${line.trim()}`);
  } finally {
    guests.delete(name);
    tellOthers(name, `* ${name} left`);
  }
}

const listener = await listen(["127.0.0.1", Number(process.argv[2] ?? 50007)]);
console.log("Listening on", formatAddress(listener.getSockName()));
for await (const [sock] of listener.connections()) {
  const guest = new Guest(sock);
  chat(guest).catch((error) => console.error("A guest was lost:", error))
    .finally(() => guest.close());
}
