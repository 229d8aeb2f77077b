/**
 * Laws of what may be said before a connection exists: names, local
 * addresses, shared ports, backlogs.
 *
 * @module
 */

import { AF_INET, AF_INET6 } from "../../constants.ts";
import type { Address, AddressLike } from "../../contracts.ts";
import { SocketError } from "../../errors.ts";
import type { Listener } from "../../socket/mod.ts";
import {
  alike,
  ensure,
  isSocketError,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
} from "../expect.ts";
import type { Law, LawBench } from "../law.ts";
import { connect, listen, socketPair } from "../library.ts";
import { abortAndGoOn, WHY } from "./kit.ts";

/** How long a connect that may have to wait for room is given. */
const PATIENCE_MS = 100;

/** Laws of connecting and of sharing ports. */
export const connectingLaws: readonly Law[] = [
  {
    name: "a name is connected to whichever of its addresses answers",
    needs: ["ports"],
    async run(bench) {
      const listener = await bench.listen();
      const { hostname, port } = inet(listener.getSockName());
      if (!await isLocalhost(bench, hostname)) return;
      const client = await bench.connectTo(["localhost", port]);
      const [server] = await listener.accept();
      bench.keep(server);
      same(client.family, bench.maker.family, "family");
      alike(client.getPeerName(), listener.getSockName(), "the peer's name");
      await client.sendAll("hello");
      sameText(await server.recvExactly(5), "hello", "what came");
    },
  },
  {
    name: "a name that nobody answers for fails with every failure as cause",
    needs: ["ports"],
    async run(bench) {
      const listener = await bench.listen();
      const { port } = inet(listener.getSockName());
      await listener.close();
      const error = await rejection(
        bench.connectTo(["localhost", port]),
        "connect",
      );
      isSocketError(error, "ECONNREFUSED", "connect", "connect");
      ensure(error.cause !== undefined, "no cause");
    },
  },
  {
    name: "close during a connect by name ends it, and it never appears",
    needs: ["ports"],
    async run(bench) {
      const listener = await bench.listen();
      const { hostname, port } = inet(listener.getSockName());
      if (!await isLocalhost(bench, hostname)) return;
      for (let round = 0; round < 5; round++) {
        const socket = bench.socket();
        const pending = later(socket.connect(["localhost", port]));
        await socket.close();
        const error = await rejection(pending, "connect");
        isSocketError(error, "EBADF", "connect", "connect");
      }
      // By name as well: its look-up ends after those of the others.
      await nobodyBefore("alive", ["localhost", port], listener, bench);
    },
  },
  {
    name: "close during a connect leaves no connection that anybody owns",
    async run(bench) {
      const listener = await bench.listen();
      const socket = bench.socket();
      const pending = later(socket.connect(listener.getSockName()));
      await socket.close();
      const error = await rejection(pending, "connect");
      isSocketError(error, "EBADF", "connect", "connect");
      const client = await bench.connectTo(listener.getSockName());
      await client.sendAll("alive");
      // What the kernel had let in at once is ended, and says nothing.
      await serveUntil(listener, "alive", bench);
    },
  },
  {
    name: "a connect follows one that was aborted, in that same turn",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      for (const isEarly of [true, false]) {
        const socket = bench.socket();
        const { cut, next } = abortAndGoOn(
          isEarly,
          (signal) => socket.connect(address, { signal }),
          () => socket.connect(address),
        );
        const serving = later(serveUntil(listener, "alive", bench));
        same(await cut, WHY, "the first was rejected with");
        await next;
        await socket.sendAll("alive");
        await serving;
      }
    },
  },
  {
    name: "connects that are aborted one by one leave one connection",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const socket = bench.socket();
      const cuts: Promise<unknown>[] = [];
      for (let round = 0; round < 5; round++) {
        const controller = new AbortController();
        const { signal } = controller;
        cuts.push(later(rejection(socket.connect(address, { signal }), "cut")));
        for (let turns = 0; turns < round; turns++) await Promise.resolve();
        controller.abort(WHY);
      }
      const serving = later(serveUntil(listener, "alive", bench));
      await socket.connect(address);
      for (const cut of cuts) same(await cut, WHY, "rejected with");
      await socket.sendAll("alive");
      await serving;
      await rejectsWith(socket.connect(address), "EISCONN", "connect");
    },
  },
  {
    name: "connect() with timeoutMs 0 is EINPROGRESS and connects nothing",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      for (let round = 0; round < 5; round++) {
        const error = await rejection(
          bench.connectTo(address, { timeoutMs: 0 }),
          "connect",
        );
        isSocketError(error, "EINPROGRESS", "connect", "connect");
      }
      await nobodyBefore("alive", address, listener, bench);
    },
  },
  {
    name: "a client is seen at its localAddress",
    needs: ["ports", "localAddress"],
    async run(bench) {
      const listener = await bench.listen();
      const isIPv6 = bench.maker.family === AF_INET6;
      const host = isIPv6 ? "::1" : "127.0.0.5";
      const [client, [server]] = await Promise.all([
        bench.connectTo(listener.getSockName(), { localAddress: [host, 0] }),
        listener.accept(),
      ]);
      bench.keep(server);
      same(inet(client.getSockName()).hostname, host, "the client's host");
      alike(server.getPeerName(), client.getSockName(), "the peer's name");
    },
  },
  {
    name: "reusePort lets two listeners share a port",
    needs: ["ports", "reusePort"],
    async run(bench) {
      const { runtime } = bench;
      const first = await bench.listen({ reusePort: true });
      const address = first.getSockName();
      const second = bench.keep(
        await listen(address, { runtime, reusePort: true }),
      );
      alike(second.getSockName(), address, "the shared address");
      const client = await bench.connectTo(address);
      await acceptOnEither(bench, first, second);
      await client.close({ lingerMs: 0 });
    },
  },
  {
    name: "a listener on [::] serves IPv4 too unless it is ipv6Only",
    needs: ["ipv6"],
    async run(bench) {
      const { runtime } = bench;
      const listener = bench.keep(await listen("[::]:0", { runtime }));
      const { port } = inet(listener.getSockName());
      const client = await bench.connectTo(["127.0.0.1", port]);
      const [server, from] = await listener.accept();
      bench.keep(server);
      same(client.family, AF_INET, "family of the client");
      same(inet(from).hostname, "::ffff:127.0.0.1", "the peer's host");
    },
  },
  {
    name: "an ipv6Only listener refuses IPv4",
    needs: ["ipv6", "ipv6Only"],
    async run(bench) {
      const { runtime } = bench;
      const options = { runtime, ipv6Only: true };
      const listener = bench.keep(await listen("[::]:0", options));
      const { port } = inet(listener.getSockName());
      const error = await rejection(
        bench.connectTo(["127.0.0.1", port]),
        "connect",
      );
      isSocketError(error, "ECONNREFUSED", "connect", "connect");
      await bench.connectTo(["::1", port]);
      const [server] = await listener.accept();
      bench.keep(server);
    },
  },
  {
    name: "socketPair gives two ends that talk to each other",
    needs: ["ports"],
    async run(bench) {
      const { runtime } = bench;
      const [one, other] = await socketPair({ runtime });
      bench.keep(one);
      bench.keep(other);
      await one.sendAll("there");
      sameText(await other.recvExactly(5), "there", "what came");
      await other.sendAll("back");
      sameText(await one.recvExactly(4), "back", "what came back");
      alike(one.getPeerName(), other.getSockName(), "the peer's name");
    },
  },
  {
    name: "a surplus of connections never stops a listener",
    async run(bench) {
      const listener = await bench.listen({ backlog: 2 });
      const address = listener.getSockName();
      const attempts = Array.from(
        { length: 8 },
        () =>
          connect(address, { runtime: bench.runtime, timeoutMs: PATIENCE_MS })
            .then((client) => bench.keep(client), ignoreFailure),
      );
      const clients = await Promise.all(attempts);
      for (const client of clients) await client?.close({ lingerMs: 0 });
      const serving = later(serveUntil(listener, "alive", bench));
      const client = await bench.connectTo(address);
      await client.sendAll("alive");
      await serving;
    },
  },
];

/** Checks that whoever comes next is the first to come. */
async function nobodyBefore(
  word: string,
  address: AddressLike,
  listener: Listener,
  bench: LawBench,
): Promise<void> {
  const client = await bench.connectTo(address);
  await client.sendAll(word);
  const [server] = await listener.accept();
  bench.keep(server);
  sameText(await server.recvExactly(word.length), word, "what the first said");
}

/** A surplus connect may time out, or find a full queue: no more than that. */
function ignoreFailure(error: unknown): undefined {
  ensure(error instanceof SocketError, `connect failed with ${error}`);
}

/** Accepts until somebody has said a word. */
async function serveUntil(
  listener: Listener,
  word: string,
  bench: LawBench,
): Promise<void> {
  while (true) {
    const [server] = await listener.accept();
    bench.keep(server);
    try {
      sameText(await server.recvExactly(word.length), word, "what came");
      return;
    } catch {
      // One of the surplus, closed by now.
    }
  }
}

async function acceptOnEither(
  bench: LawBench,
  first: Listener,
  second: Listener,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const accepts = [first, second].map((each) =>
    later(each.accept({ signal }).then(([server]) => bench.keep(server)))
  );
  await Promise.race(accepts);
  controller.abort();
  await Promise.allSettled(accepts);
}

function inet(address: Address): Extract<Address, { readonly port: number }> {
  ensure(address.family !== "unix", "an Internet address");
  return address;
}

/** Some machines know `localhost` by one of its addresses alone. */
async function isLocalhost(
  { runtime }: LawBench,
  hostname: string,
): Promise<boolean> {
  const hosts = await runtime.lookup("localhost", 0);
  return hosts.some((host) => host.hostname === hostname);
}
