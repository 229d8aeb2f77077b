/**
 * Laws of the addresses of sockets.
 *
 * @module
 */

import { AF_INET6, AF_UNIX, SHUT_WR } from "../../constants.ts";
import type { Address, AddressLike } from "../../contracts.ts";
import {
  alike,
  ensure,
  isSocketError,
  later,
  rejection,
  rejectsWith,
  same,
  throwsWith,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { connect, listen } from "../library.ts";

interface RefusalRow {
  readonly when: string;
  readonly code: string;
  readonly op: string;
  /** The call that is refused. */
  readonly call: "connect" | "listen";
  readonly to: AddressLike;
  readonly from?: AddressLike;
}

/** Addresses that each runtime by itself refuses, or takes, in its own way. */
const REFUSALS: readonly RefusalRow[] = [
  {
    when: "the port is 0",
    code: "ECONNREFUSED",
    op: "connect",
    call: "connect",
    to: "127.0.0.1:0",
  },
  {
    when: "the local address is IPv6 and the peer's is not",
    code: "EAFNOSUPPORT",
    op: "connect",
    call: "connect",
    to: "127.0.0.1:9",
    from: "[::1]:0",
  },
  {
    when: "the local address is IPv4 and the peer's is not",
    code: "EAFNOSUPPORT",
    op: "connect",
    call: "connect",
    to: "[::1]:9",
    from: "127.0.0.1:0",
  },
  {
    when: "a name has no address of the local address's family",
    code: "EAI_NONAME",
    op: "connect",
    call: "connect",
    // An IPv4 address in a form that only `getaddrinfo` reads.
    to: "127.1:9",
    from: "[::1]:0",
  },
  ...(["connect", "listen"] as const).flatMap((call): RefusalRow[] => {
    const op = call === "listen" ? "bind" : call;
    const shared = { code: "EAI_NONAME", op, call };
    return [
      { ...shared, when: "the host is *", to: "*:9" },
      { ...shared, when: "a zone is no interface", to: "[fe80::1%no-such]:9" },
      { ...shared, when: "a zone is out of place", to: "[::1%no-such]:9" },
    ];
  }),
  {
    when: "the local host is *",
    code: "EAI_NONAME",
    op: "bind",
    call: "connect",
    to: "127.0.0.1:9",
    from: "*:0",
  },
  {
    when: "the local zone is out of place",
    code: "EAI_NONAME",
    op: "bind",
    call: "connect",
    to: "[::1]:9",
    from: "[::1%no-such]:0",
  },
];

/** Laws of addresses that nothing can come of. */
const refusalLaws: readonly Law[] = REFUSALS.map((row): Law => ({
  name: `${row.call} is ${row.code} of ${row.op} when ${row.when}`,
  needs: row.from === undefined ? ["ports"] : ["ports", "localAddress"],
  async run(bench) {
    const { call, to, from } = row;
    const local = from === undefined ? {} : { localAddress: from };
    const attempt = call === "listen"
      ? listen(to, { runtime: bench.runtime }).then((each) => bench.keep(each))
      : bench.connectTo(to, local);
    const error = await rejection(attempt, call);
    isSocketError(error, row.code, row.op, row.when);
  },
}));

/** Laws of the addresses of sockets. */
export const addressLaws: readonly Law[] = [
  ...refusalLaws,
  {
    name: "the ends of a connection name each other",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const [client, [server, from]] = await Promise.all([
        bench.connectTo(address),
        listener.accept(),
      ]);
      bench.keep(server);
      alike(client.getPeerName(), address, "the peer of the client");
      alike(server.getSockName(), address, "the accepted end");
      alike(from, server.getPeerName(), "the address that accept gave");
      alike(server.getPeerName(), client.getSockName(), "the client's name");
      same(client.family, bench.maker.family, "family of the client");
      same(server.family, bench.maker.family, "family of the server");
    },
  },
  {
    name: "port 0 becomes a port of the kernel's choice",
    needs: ["ports"],
    async run(bench) {
      const [one, other] = [await bench.listen(), await bench.listen()];
      const ports = [one, other].map((each) => portOf(each.getSockName()));
      ensure(ports.every((port) => port > 0), `ports ${ports}`);
      ensure(ports[0] !== ports[1], `twice the port ${ports[0]}`);
    },
  },
  {
    name: "getPeerName answers after the peer has ended and until close",
    async run(bench) {
      const [client, server] = await bench.pair();
      const peer = server.getPeerName();
      await client.close({ lingerMs: 0 });
      await rejection(server.recvExactly(1), "recvExactly");
      alike(server.getPeerName(), peer, "the peer's name");
      await server.close();
      throwsWith(() => server.getPeerName(), "ENOTCONN", "getPeerName");
    },
  },
  {
    name: "an unbound socket has the wildcard address and no peer",
    // deno-lint-ignore require-await -- laws are asynchronous
    async run(bench) {
      const fresh = bench.socket();
      const { family } = bench.maker;
      const hostname = family === AF_INET6 ? "::" : "0.0.0.0";
      const expected = family === AF_UNIX
        ? { family: "unix", path: "" }
        : { family: family === AF_INET6 ? "ipv6" : "ipv4", hostname, port: 0 };
      alike(fresh.getSockName(), expected, "getSockName");
      throwsWith(() => fresh.getPeerName(), "ENOTCONN", "getPeerName");
      same(fresh.bytesSent, 0, "bytesSent");
      same(fresh.bytesReceived, 0, "bytesReceived");
    },
  },
  {
    name: "a socket that is bound first connects from that address",
    needs: ["ports", "localAddress"],
    async run(bench) {
      const listener = await bench.listen();
      const client = bench.socket();
      await client.bind(bench.maker.freshAddress());
      const accepting = later(listener.accept());
      await client.connect(listener.getSockName());
      const [server] = await accepting;
      bench.keep(server);
      ensure(portOf(client.getSockName()) > 0, "the port is still 0");
      alike(server.getPeerName(), client.getSockName(), "the peer's name");
    },
  },
  {
    name: "an empty host is any address of the socket's family",
    needs: ["ports"],
    async run(bench) {
      for (const address of [["", 0], ":0", { hostname: "", port: 0 }]) {
        const server = bench.socket();
        await server.bind(address as AddressLike);
        await server.listen();
        const claimed = server.getSockName();
        const isIPv6 = bench.maker.family === AF_INET6;
        same(
          "hostname" in claimed && claimed.hostname,
          isIPv6 ? "::" : "0.0.0.0",
          "the address claimed",
        );
      }
    },
  },
  {
    name: "a Unix path is free again when its listener has closed",
    needs: ["paths"],
    async run(bench) {
      const address = bench.maker.freshAddress();
      const { runtime } = bench;
      for (let round = 0; round < 2; round++) {
        const listener = bench.keep(await listen(address, { runtime }));
        await listener.close();
        await rejectsWith(connect(address, { runtime }), "ENOENT", "connect");
      }
    },
  },
  {
    name: "a port is free again when its listener has closed",
    needs: ["ports"],
    async run(bench) {
      const { runtime } = bench;
      const first = await bench.listen();
      const address = first.getSockName();
      const client = await bench.connectTo(address);
      const [server] = await first.accept();
      bench.keep(server); // it drains until the client's end is there
      await first.close();
      // Ended by the server: TIME_WAIT stays on the listener's port.
      await server.shutdown(SHUT_WR);
      await client.recv();
      await client.close();
      await server.close();
      bench.keep(await listen(address, { runtime }));
    },
  },
];

function portOf(address: Address): number {
  return address.family === "unix" ? 0 : address.port;
}
