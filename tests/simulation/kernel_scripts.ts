/**
 * Small scripts with connections, each of which tells what its calls came to:
 * on a kernel it has to be the same as in a simulation.
 *
 * @module
 */

import {
  type Address,
  AF_INET,
  connect,
  listen,
  type Listener,
  MSG_PEEK,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  socket,
  type StreamSocket,
} from "../../mod.ts";

/** Two connected sockets, and the listener that they came by. */
export interface Pair {
  readonly client: StreamSocket;
  readonly server: StreamSocket;
  readonly listener: Listener;
}

/** A script; what it gives is compared. */
export type Script = (pair: Pair) => Promise<unknown>;

/** Runs a script over the loopback interface of whoever is the kernel here. */
export async function play(script: Script): Promise<unknown> {
  const listener = await listen("127.0.0.1:0", { abortive: true });
  const [client, [server]] = await Promise.all([
    connect(listener.getSockName(), { abortive: true }),
    listener.accept(),
  ]);
  try {
    return await script({ client, server, listener });
  } finally {
    await Promise.all([client, server, listener].map((each) => each.close()));
    await Promise.all([client.closed, server.closed]);
  }
}

/** `"ok"`, or the code of what it failed with. */
function told(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "ok",
    (error) => error.code ?? error.name,
  );
}

/** All that comes, and how it ends. */
async function heard(sock: StreamSocket): Promise<string> {
  let count = 0;
  try {
    for (;;) {
      const bytes = await sock.recv();
      if (bytes === null) return `${count} bytes, end`;
      count += bytes.length;
    }
  } catch (error) {
    return `${count} bytes, ${(error as { code: string }).code}`;
  }
}

/** What comes last, whatever was before. */
async function lastOf(sock: StreamSocket): Promise<string> {
  return (await heard(sock)).split(", ")[1]!;
}

/** Sends until that fails. */
async function failure(sock: StreamSocket): Promise<string> {
  for (let i = 0; i < 1_000; i++) {
    const code = await told(sock.sendAll(new Uint8Array(10_000)));
    if (code !== "ok") return code;
  }
  return "it never fails";
}

/** Fills all that is between two ends. */
async function stuff(sock: StreamSocket): Promise<void> {
  const bytes = new Uint8Array(65_536);
  for (let idle = 0; idle < 50;) {
    if (sock.trySend(bytes) !== undefined) idle = 0;
    else {
      idle++;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
}

const HELLO = "hello";

/** By name, as *who does what*. */
export const SCRIPTS: Readonly<Record<string, Script>> = {
  "one end sends and closes": async ({ client, server }) => {
    await client.sendAll(HELLO);
    const [closed, said] = await Promise.all([
      told(client.close()),
      heard(server),
    ]);
    return [closed, said];
  },
  "one end closes and says nothing": async ({ client, server }) => {
    void client.close();
    return [await heard(server), await heard(server)];
  },
  "both ends close at once": async ({ client, server }) =>
    await Promise.all([told(client.close()), told(server.close())]),
  "an answer comes behind a half-close": async ({ client, server }) => {
    await client.sendAll(HELLO);
    await client.shutdown(SHUT_WR);
    const asked = await heard(server);
    await server.sendAll("the answer");
    await server.shutdown(SHUT_WR);
    return [asked, await heard(client)];
  },
  "both ends half-close first and read then": async ({ client, server }) => {
    await Promise.all([client, server].map((each) => each.shutdown(SHUT_WR)));
    return [await heard(client), await heard(server)];
  },
  "a half-close is asked for twice": async ({ client, server }) => [
    await told(client.shutdown(SHUT_WR)),
    await told(client.shutdown(SHUT_WR)),
    await heard(server),
  ],
  "a send behind one's own half-close": async ({ client }) => {
    await client.shutdown(SHUT_WR);
    return [await told(client.sendAll(HELLO)), await told(client.send("x"))];
  },
  "both ways are shut by one end": async ({ client, server }) => {
    await client.shutdown(SHUT_RDWR);
    return [await heard(client), await heard(server)];
  },
  "a reset meets who waits": async ({ client, server }) => {
    const hearing = heard(server);
    client.reset();
    return await hearing;
  },
  "a reset meets nobody yet": async ({ client, server }) => {
    client.reset();
    return [await heard(server), await heard(server)];
  },
  "a reset is right behind bytes": async ({ client, server }) => {
    await client.sendAll(HELLO);
    await server.recv(5, MSG_PEEK);
    client.reset();
    return await lastOf(server);
  },
  "a reset behind a half-close is met by the reader": async (pair) => {
    const { client, server } = pair;
    await client.shutdown(SHUT_WR);
    const said = await heard(server);
    client.reset();
    return [said, await heard(server)];
  },
  "a reset meets a send that waits": async ({ client, server }) => {
    await stuff(client);
    const sending = told(client.sendAll(new Uint8Array(1_000_000)));
    server.reset();
    return await sending;
  },
  "sends go to a peer that has reset": async ({ client, server }) => {
    server.reset();
    return await failure(client);
  },
  "sends go to a peer that has closed": async ({ client, server }) => {
    await server.close({ lingerMs: 0 });
    const code = await failure(client);
    return code === "EPIPE" || code === "ECONNRESET"; // who was first
  },
  "a reset meets its own calls": async ({ client }) => {
    const waiting = told(client.recv());
    client.reset();
    return [await waiting, await told(client.recv()), await failure(client)];
  },
  "a close meets its own calls": async ({ client }) => {
    const waiting = told(client.recv());
    void client.close();
    return [await waiting, await told(client.recv()), await failure(client)];
  },
  "last words over unread input arrive": async ({ client, server }) => {
    await client.sendAll(new Uint8Array(10_000));
    await server.recv(1, MSG_PEEK);
    await server.sendAll(HELLO);
    const [, said] = await Promise.all([server.close(), heard(client)]);
    return said;
  },
  "a second receive while one waits": async ({ client, server }) => {
    const first = client.recv();
    const second = await told(client.recv());
    await server.sendAll(HELLO);
    return [second, (await first)?.length];
  },
  "a receive that is called off loses nothing": async (pair) => {
    const { client, server } = pair;
    const late = await told(client.recv({ timeoutMs: 5 }));
    await server.sendAll(HELLO);
    return [late, (await client.recvExactly(5)).length];
  },
  "a failure stays the failure": async ({ client, server }) => {
    server.reset();
    const all = [await heard(client), await heard(client)];
    return [...all, await told(client.recvExactly(1))];
  },
  "an end cuts an exact receive short": async ({ client, server }) => {
    await client.sendAll("he");
    await client.shutdown(SHUT_WR);
    return await told(server.recvExactly(5));
  },
  "a megabyte goes both ways at once": async ({ client, server }) => {
    const talk = async (one: StreamSocket) => {
      const sending = one.sendAll(new Uint8Array(1_000_000))
        .then(() => one.shutdown(SHUT_WR));
      const said = await heard(one);
      await sending;
      return said;
    };
    return await Promise.all([talk(client), talk(server)]);
  },
  "a writer waits for a reader": async ({ client, server }) => {
    await stuff(client);
    const isFull = client.trySend("x") === undefined;
    const sent = client.bytesSent;
    void client.shutdown(SHUT_WR);
    return [isFull, await heard(server) === `${sent} bytes, end`];
  },
  "nobody listens any more": async ({ listener }) => {
    const address = listener.getSockName();
    await listener.close();
    return await told(connect(address));
  },
  "an accept waits when its listener is closed": async ({ listener }) => {
    const waiting = told(listener.accept());
    await listener.close();
    return [await waiting, await told(listener.accept())];
  },
  "a listener closes over who was not accepted": async ({ listener }) => {
    const waiting = await connect(listener.getSockName());
    await listener.close();
    const said = await heard(waiting);
    await waiting.close();
    return said;
  },
  "a client leaves before it is accepted": async ({ listener }) => {
    const gone = await connect(listener.getSockName());
    await gone.sendAll(HELLO);
    void gone.close();
    const [accepted] = await listener.accept();
    const said = await heard(accepted);
    await accepted.close();
    await Promise.all([gone.closed, accepted.closed]);
    return said;
  },
  "an address is taken twice": async ({ listener }) => {
    const address = listener.getSockName();
    const taken = await told(listen(address));
    await listener.close();
    return taken;
  },
  "the ends know each other's names": ({ client, server }) => {
    const isSame = (one: Address, other: Address) =>
      JSON.stringify(one) === JSON.stringify(other);
    return Promise.resolve([
      isSame(client.getSockName(), server.getPeerName()),
      isSame(server.getSockName(), client.getPeerName()),
    ]);
  },
  "datagrams keep their bounds": async () => {
    const [one, other] = [
      socket(AF_INET, SOCK_DGRAM),
      socket(AF_INET, SOCK_DGRAM),
    ];
    await one.bind("127.0.0.1:0");
    for (const text of ["a", "", "three"]) {
      await other.sendTo(text, one.getSockName());
    }
    const sizes: number[] = [];
    while (sizes.length < 3) sizes.push((await one.recvFrom())[0].length);
    await Promise.all([one.close(), other.close()]);
    return sizes;
  },
};
