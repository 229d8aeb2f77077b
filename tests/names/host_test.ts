import assert from "node:assert/strict";
import {
  type AddressLike,
  getFqdn,
  getHostByAddr,
  getHostByName,
  getHostByNameEx,
  getHostName,
  getNameInfo,
  type HostInfo,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { test } from "../harness.ts";
import { askPython, type Call, noOracle, outcome } from "./oracle.ts";

function inPython({ hostname, aliases, addresses }: HostInfo): unknown {
  return [hostname, aliases, addresses];
}

test("hosts on the loopback are what C says they are", async () => {
  const calls: [Call, () => unknown][] = [
    [["gethostname"], () => getHostName()],
    [["getfqdn", "localhost"], () => getFqdn("localhost")],
    [["getfqdn", "127.0.0.1"], () => getFqdn(" 127.0.0.1 ")],
    [["getfqdn"], () => getFqdn()],
    [["getfqdn", "::"], () => getFqdn("::")],
    ...["localhost", "127.0.0.1", "127.1", "010.1", "", "<broadcast>", "::1"]
      .map((name): [Call, () => unknown] => [
        ["gethostbyname", name],
        () => getHostByName(name),
      ]),
    ...["localhost", "LOCALHOST", "127.1"].map((
      name,
    ): [Call, () => unknown] => [
      ["gethostbyname_ex", name],
      async () => inPython(await getHostByNameEx(name)),
    ]),
    ...["127.0.0.1", "localhost"].map((name): [Call, () => unknown] => [
      ["gethostbyaddr", name],
      async () => inPython(await getHostByAddr(name)),
    ]),
  ];
  const verdicts = await askPython(calls.map(([call]) => call));
  for (const [i, [call, ours]] of calls.entries()) {
    assert.deepEqual(await outcome(ours), verdicts[i], call.join(" "));
  }
}, { skip: noOracle });

test("getNameInfo answers as C does, flag by flag", async () => {
  const flags = [
    0,
    NI_NUMERICHOST,
    NI_NUMERICSERV,
    NI_NAMEREQD,
    NI_DGRAM,
    NI_NOFQDN,
    NI_NUMERICHOST | NI_NUMERICSERV,
    NI_NUMERICHOST | NI_DGRAM,
    NI_NUMERICHOST | NI_NAMEREQD,
    1 << 10,
  ];
  // Names of other addresses are for the name server to know.
  const hosts = ["127.0.0.1", "::1", "192.0.2.1", "::ffff:1.2.3.4"];
  const pairs = hosts.flatMap((hostname) =>
    [0, 22, 53, 80, 513, 514, 65_535].flatMap((port) =>
      flags
        .filter((flag) => hostname === "127.0.0.1" || flag & NI_NUMERICHOST)
        .map((flag) => ({ hostname, port, flag }))
    )
  );
  const verdicts = await askPython(pairs.map(({ hostname, port, flag }) => [
    "getnameinfo",
    [hostname, port],
    flag,
  ]));
  for (const [i, { hostname, port, flag }] of pairs.entries()) {
    assert.deepEqual(
      await outcome(() => getNameInfo([hostname, port], flag)),
      verdicts[i],
      `${hostname} ${port} ${flag}`,
    );
  }
}, { skip: noOracle });

const runtime = memoryNetwork({
  hosts: {
    "box.test": ["10.0.0.1", "fd00::1", "10.0.0.2"],
    "www.test": ["10.0.0.3"],
    "six.test": ["fd00::6"],
    "me.corp.test": ["10.0.0.9"],
    "you.corp.test": ["10.0.0.10"],
  },
  names: {
    hostname: "me.corp.test",
    aliases: { "www.test": "web.test", "web.test": "cdn.test" },
    files: {
      hosts: `
10.0.0.1 box.test box   # the first line's first name is canonical
10.0.0.2 Box.Test case
10.0.0.7 box.test other
`,
    },
  },
});

test("getHostByNameEx gathers the aliases of the hosts file", async () => {
  assert.deepEqual(await getHostByNameEx("box.test", { runtime }), {
    hostname: "box.test",
    aliases: ["box", "Box.Test", "case"],
    addresses: ["10.0.0.1", "10.0.0.2"],
  });
});

test("getHostByNameEx follows the aliases of the name server", async () => {
  assert.deepEqual(await getHostByNameEx("www.test", { runtime }), {
    hostname: "cdn.test",
    aliases: ["www.test", "web.test"],
    addresses: ["10.0.0.3"],
  });
});

test("getHostByAddr gives the name of an address and its aliases", async () => {
  assert.deepEqual(await getHostByAddr("10.0.0.1", { runtime }), {
    hostname: "box.test",
    aliases: ["box"],
    addresses: ["10.0.0.1"],
  });
  assert.deepEqual(await getHostByAddr("fd00::6", { runtime }), {
    hostname: "six.test",
    aliases: [],
    addresses: ["fd00::6"],
  });
});

test("getFqdn prefers a name with a dot, and else gives back its own", async () => {
  assert.equal(await getFqdn("10.0.0.1", { runtime }), "box.test");
  assert.equal(await getFqdn("", { runtime }), "me.corp.test");
  assert.equal(await getFqdn("0.0.0.0", { runtime }), "me.corp.test");
  assert.equal(await getFqdn("nobody", { runtime }), "nobody");
  assert.equal(await getFqdn("no body", { runtime }), "no body");
});

const infos: readonly (readonly [AddressLike, number, string, string])[] = [
  ["10.0.0.10:80", 0, "you.corp.test", "http"],
  ["10.0.0.10:80", NI_NOFQDN, "you", "http"],
  ["10.0.0.1:80", NI_NOFQDN, "box.test", "http"],
  ["10.0.0.77:514", 0, "10.0.0.77", "shell"],
  ["10.0.0.77:514", NI_DGRAM, "10.0.0.77", "syslog"],
  ["[fe80::5%eth0]:1", 0, "fe80::5%eth0", "tcpmux"],
  ["[fd00::6]:4", NI_NAMEREQD, "six.test", "4"],
];

for (const [address, flags, host, service] of infos) {
  test(`getNameInfo of ${address} with flags ${flags} is ${host}, ${service}`, async () => {
    assert.deepEqual(await getNameInfo(address, flags, { runtime }), [
      host,
      service,
    ]);
  });
}

const failures: readonly (readonly [string, object, () => unknown])[] = [
  ["getNameInfo without the name it requires", {
    name: "GaiError",
    code: "EAI_NONAME",
    op: "getNameInfo",
  }, () => getNameInfo("10.0.0.77:1", NI_NAMEREQD, { runtime })],
  [
    "getNameInfo of a name",
    { name: "GaiError", code: "EAI_NONAME" },
    () => getNameInfo("box.test:1", 0, { runtime }),
  ],
  [
    "getNameInfo of a Unix path",
    { name: "TypeError" },
    () => getNameInfo("unix:/a", 0, { runtime }),
  ],
  [
    "getHostByName of an unknown name",
    { name: "GaiError", code: "EAI_NONAME", errno: -2 },
    () => getHostByName("nobody.test", { runtime }),
  ],
  [
    "getHostByName of a name without IPv4",
    { name: "GaiError", code: "EAI_NONAME" },
    () => getHostByName("six.test", { runtime }),
  ],
  [
    "getHostByName of an IPv6 address",
    { name: "GaiError", code: "EAI_ADDRFAMILY" },
    () => getHostByName("::1", { runtime }),
  ],
  ["getHostByNameEx of an unknown name", {
    name: "HError",
    code: "HOST_NOT_FOUND",
    errno: 1,
    op: "getHostByNameEx",
    message: 'getHostByNameEx failed: unknown host: "nobody.test"',
  }, () => getHostByNameEx("nobody.test", { runtime })],
  [
    "getHostByNameEx of an IPv6 address",
    { name: "HError", code: "NO_DATA", errno: 4 },
    () => getHostByNameEx("::1", { runtime }),
  ],
  [
    "getHostByAddr of an address without a name",
    { name: "HError", code: "HOST_NOT_FOUND" },
    () => getHostByAddr("10.0.0.77", { runtime }),
  ],
  [
    "getHostByAddr of an unknown name",
    { name: "HError", code: "HOST_NOT_FOUND" },
    () => getHostByAddr("nobody.test", { runtime }),
  ],
  [
    "getHostByAddr of a number",
    { name: "TypeError" },
    () => getHostByAddr(1 as never),
  ],
];

for (const [what, error, call] of failures) {
  test(`${what} fails with its own code`, async () => {
    await assert.rejects(async () => await call(), error);
  });
}
