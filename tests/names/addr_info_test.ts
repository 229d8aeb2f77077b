import assert from "node:assert/strict";
import {
  type AddrInfo,
  type AddrInfoHints,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  getAddrInfo,
  IPPROTO_ICMP,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_RDM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { test } from "../harness.ts";
import {
  askPython,
  type Call,
  noOracle,
  outcome,
  type Verdict,
} from "./oracle.ts";

/** Without names that only a name server could answer for. */
const HOSTS = [
  null,
  "",
  "localhost",
  "127.0.0.1",
  "127.1",
  "0x7f.010",
  "::1",
  "0:0::1",
  "::ffff:1.2.3.4",
  "fe80::1%1",
  "::1%0",
  "::1%7",
  "::1%lo",
  "ff02::1%3",
] as const;

const SERVICES = [
  null,
  "",
  0,
  80,
  "443",
  "http",
  "domain",
  "amqp",
  "ntp",
  "no-such-service",
] as const;

const HINTS: Readonly<Record<string, AddrInfoHints>> = {
  "no hints": {},
  AF_INET: { family: AF_INET },
  AF_INET6: { family: AF_INET6 },
  AF_UNIX: { family: AF_UNIX },
  SOCK_STREAM: { type: SOCK_STREAM },
  SOCK_DGRAM: { type: SOCK_DGRAM },
  SOCK_RAW: { type: SOCK_RAW },
  SOCK_SEQPACKET: { type: SOCK_SEQPACKET },
  SOCK_RDM: { type: SOCK_RDM },
  IPPROTO_TCP: { proto: IPPROTO_TCP },
  IPPROTO_UDP: { proto: IPPROTO_UDP },
  IPPROTO_SCTP: { proto: IPPROTO_SCTP },
  IPPROTO_ICMP: { proto: IPPROTO_ICMP },
  "a stream of UDP": { type: SOCK_STREAM, proto: IPPROTO_UDP },
  "a datagram of UDP": { type: SOCK_DGRAM, proto: IPPROTO_UDP },
  AI_PASSIVE: { flags: AI_PASSIVE },
  "AI_PASSIVE of IPv6": { flags: AI_PASSIVE, family: AF_INET6 },
  AI_NUMERICHOST: { flags: AI_NUMERICHOST },
  AI_NUMERICSERV: { flags: AI_NUMERICSERV },
  AI_CANONNAME: { flags: AI_CANONNAME },
  AI_ADDRCONFIG: { flags: AI_ADDRCONFIG },
  AI_V4MAPPED: { flags: AI_V4MAPPED },
  "AI_V4MAPPED of IPv6": { flags: AI_V4MAPPED, family: AF_INET6 },
  "AI_V4MAPPED | AI_ALL of IPv6": {
    flags: AI_V4MAPPED | AI_ALL,
    family: AF_INET6,
  },
  "an unknown flag": { flags: 1 << 20 },
};

/** What this test cannot compare. */
function isElsewhere(host: string | null, family?: number): boolean {
  // C would go on and ask the name server for an IPv6 address.
  if (host === "localhost") return family === AF_INET6;
  // Wrong twice, the zone and the family; C speaks of the family.
  return host === "::1%lo" && family === AF_INET;
}

function inPython(infos: readonly AddrInfo[]): unknown {
  return infos.map(({ family, type, proto, canonName = "", address }) => {
    const { hostname, port, scopeId } = address;
    const rest = family === AF_INET6 ? [0, Number(scopeId ?? 0)] : [];
    return [family, type, proto, canonName, [hostname, port, ...rest]];
  });
}

/** Every host with every service that C and we may be asked with some hints. */
function pairsFor({ family }: AddrInfoHints): (readonly [
  host: string | null,
  service: string | number | null,
])[] {
  const hosts = HOSTS.filter((host) => !isElsewhere(host, family));
  return hosts.flatMap((host) =>
    SERVICES.map((service) => [host, service] as const)
  );
}

function callsFor(hints: AddrInfoHints): Call[] {
  const { family = 0, type = 0, proto = 0, flags = 0 } = hints;
  return pairsFor(hints).map(([host, service]) => [
    "getaddrinfo",
    ...[host, service, family, type, proto, flags],
  ]);
}

/** What C answers with some hints. */
type Verdicts = ReadonlyMap<AddrInfoHints, readonly Verdict[]>;

let asked: Promise<Verdicts> | undefined;

/** C's answers to everything that is asked here, from one Python. */
async function askAll(): Promise<Verdicts> {
  const all = Object.values(HINTS);
  const answers = await askPython(all.flatMap(callsFor));
  return new Map(all.map((hints) => [
    hints,
    answers.splice(0, callsFor(hints).length),
  ]));
}

for (const [name, hints] of Object.entries(HINTS)) {
  test(`getAddrInfo with ${name} answers as C does`, async () => {
    const judged = (await (asked ??= askAll())).get(hints)!;
    for (const [i, [host, service]] of pairsFor(hints).entries()) {
      assert.deepEqual(
        await outcome(() => getAddrInfo(host, service, hints), inPython),
        judged[i],
        `${host}, ${service}`,
      );
    }
  }, { skip: noOracle });
}

test("getAddrInfo takes an address for what it is with AI_NUMERICHOST", async () => {
  const texts = [
    "256.1.1.1",
    "1.2.3.4.5",
    "1.2.3.",
    "1::2::3",
    "vm",
    "*",
    "[::1]",
  ];
  for (const text of texts) {
    await assert.rejects(
      getAddrInfo(text, 80, { flags: AI_NUMERICHOST }),
      { name: "GaiError", code: "EAI_NONAME", op: "getAddrInfo" },
      text,
    );
  }
});

test("getAddrInfo keeps the zone of a link-local address by its name", async () => {
  const [first] = await getAddrInfo("FE80:0::1%eth0", 80);
  assert.deepEqual(first?.address, {
    family: "ipv6",
    hostname: "fe80::1",
    port: 80,
    scopeId: "eth0",
  });
});

test("getAddrInfo refuses what no resolver looks up, and looks nothing up", async () => {
  const runtime = memoryNetwork();
  for (const text of ["a b", "a/b", "a%b", "*", "a\0b", "x".repeat(254)]) {
    await assert.rejects(
      getAddrInfo(text, 80, { runtime, timeoutMs: 0 }),
      { code: "EAI_NONAME" },
      text,
    );
  }
});

const misuses: readonly (readonly [string, RegExp, () => Promise<unknown>])[] =
  [
    ["RangeError", /70000/, () => getAddrInfo("::1", 70_000)],
    ["RangeError", /70000/, () => getAddrInfo("::1", "70000")],
    ["RangeError", /-1/, () => getAddrInfo("::1", -1)],
    ["RangeError", /1\.5/, () => getAddrInfo("::1", 1.5)],
    ["TypeError", /7/, () => getAddrInfo(7 as never, 80)],
    ["TypeError", /undefined/, () => getAddrInfo("::1", undefined as never)],
    [
      "TypeError",
      /"stream"/,
      () => getAddrInfo("::1", 1, { type: "stream" as never }),
    ],
    ["RangeError", /-1/, () => getAddrInfo("::1", 1, { flags: -1 })],
    ["RangeError", /NaN/, () => getAddrInfo("::1", 1, { timeoutMs: NaN })],
    ["TypeError", /null/, () => getAddrInfo("::1", 1, null as never)],
  ];

misuses.forEach(([name, message, call], i) => {
  test(`getAddrInfo rejects misuse ${i} with a ${name} that shows it`, async () => {
    await assert.rejects(call, { name, message });
  });
});

const NETWORK = {
  hosts: {
    "both.test": ["10.0.0.1", "fd00::1", "10.0.0.2"],
    "four.test": ["10.0.0.3"],
    "six.test": ["fd00::3"],
    "db": ["10.0.0.4"],
    "db.corp.test.": ["10.0.0.4"],
    "db.lab.test.": ["10.0.0.5"],
  },
  names: {
    aliases: { "four.test": "three.test", "three.test": "two.test" },
    files: {
      hosts: "10.0.0.1 box.test both.test # comment\n::1 both.test\n",
      "resolv.conf": "domain old.test\nsearch lab.test corp.test.\n",
    },
  },
};

async function hostsOf(
  name: string,
  hints: AddrInfoHints,
): Promise<string[]> {
  const runtime = memoryNetwork(NETWORK);
  const infos = await getAddrInfo(name, 80, {
    runtime,
    type: SOCK_STREAM,
    ...hints,
  });
  return infos.map(({ address }) => address.hostname);
}

const MAPPED = { family: AF_INET6, flags: AI_V4MAPPED };
const ALL = { family: AF_INET6, flags: AI_V4MAPPED | AI_ALL };
const lookups: readonly (readonly [string, string, AddrInfoHints, string[]])[] =
  [
    ["the resolver's order", "both.test", {}, [
      "10.0.0.1",
      "fd00::1",
      "10.0.0.2",
    ]],
    ["one family", "both.test", { family: AF_INET }, ["10.0.0.1", "10.0.0.2"]],
    ["IPv6 alone where there is some", "both.test", MAPPED, ["fd00::1"]],
    ["mapped IPv4 where there is no IPv6", "four.test", MAPPED, [
      "::ffff:10.0.0.3",
    ]],
    ["IPv6 and mapped IPv4", "both.test", ALL, [
      "fd00::1",
      "::ffff:10.0.0.1",
      "::ffff:10.0.0.2",
    ]],
    ["IPv6 where there is no IPv4", "six.test", ALL, ["fd00::3"]],
  ];

for (const [what, name, hints, expected] of lookups) {
  test(`getAddrInfo of a name gives ${what}`, async () => {
    assert.deepEqual(await hostsOf(name, hints), expected);
  });
}

test("getAddrInfo of an unknown name is EAI_NONAME, mapped or not", async () => {
  for (const hints of [{}, MAPPED, ALL]) {
    await assert.rejects(hostsOf("nobody.test", hints), {
      name: "GaiError",
      code: "EAI_NONAME",
      errno: -2,
      message: /"nobody\.test"/,
    });
  }
});

const canonical: readonly (readonly [string, string, string])[] = [
  ["the first name in the hosts file", "BOTH.test", "box.test"],
  ["the end of the aliases", "four.test", "two.test"],
  ["the name with the search domain it was found in", "db", "db.corp.test"],
  ["the name itself where it is no alias", "six.test", "six.test"],
  ["an address as it was written", "0:0::1", "0:0::1"],
];

for (const [what, name, expected] of canonical) {
  test(`AI_CANONNAME gives ${what}, in the first answer`, async () => {
    const runtime = memoryNetwork(NETWORK);
    const flags = AI_CANONNAME;
    const infos = await getAddrInfo(name, 80, { runtime, flags });
    const [first, ...rest] = infos.map(({ canonName }) => canonName);
    assert.equal(first, expected);
    assert.ok(rest.length > 0 && rest.every((each) => each === undefined));
  });
}

test("AI_CANONNAME gives up on aliases that go round in a circle", async () => {
  const names = { aliases: { "a.test": "b.test", "b.test": "a.test" } };
  const runtime = memoryNetwork({ hosts: { "a.test": ["10.0.0.1"] }, names });
  await assert.rejects(
    getAddrInfo("a.test", 80, { runtime, flags: AI_CANONNAME }),
    { name: "GaiError", code: "EAI_FAIL" },
  );
});

test("AI_ADDRCONFIG leaves out a family that only the loopback has", async () => {
  const flags = AI_ADDRCONFIG;
  const four = memoryNetwork({ hosts: { "me.test": ["10.0.0.1"] } });
  const local = await getAddrInfo("localhost", 80, { runtime: four, flags });
  assert.ok(local.length > 0);
  assert.ok(local.every(({ family }) => family === AF_INET));
  await assert.rejects(
    getAddrInfo("me.test", 80, { runtime: four, flags, family: AF_INET6 }),
    { code: "EAI_NONAME" },
  );
  await assert.rejects(
    getAddrInfo("::1", 80, { runtime: four, flags }),
    { code: "EAI_ADDRFAMILY" },
  );
  const none = memoryNetwork();
  assert.equal(
    (await getAddrInfo("localhost", 80, { runtime: none, type: 1, flags }))
      .length,
    2,
  );
});
