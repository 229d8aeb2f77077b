import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { getProtoByName, getServByName, getServByPort } from "../../mod.ts";
import { entriesOf } from "../../src/names/table.ts";
import { PROTOCOLS, SERVICES } from "../../src/names/tables.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { test } from "../harness.ts";
import { askPython, type Call, noOracle, outcome } from "./oracle.ts";

/** Knows no files: everything comes from the built-in tables. */
const bare = memoryNetwork();
const known = entriesOf(SERVICES).map(({ name, value, aliases }) => {
  const [port = "", proto = ""] = value.split("/");
  return { names: [name, ...aliases], port: Number(port), proto };
});

test("the built-in services say what C says, by every name", async () => {
  const asked = known.flatMap(({ names, proto }) =>
    names.map((name) => [name, proto] as const)
  );
  assert.ok(asked.length > 250);
  const verdicts = await askPython(
    asked.map((args): Call => ["getservbyname", ...args]),
  );
  let compared = 0;
  for (const [i, [name, proto]] of asked.entries()) {
    const verdict = verdicts[i];
    if (typeof verdict !== "number") continue; // not in this system's file
    compared++;
    const port = await getServByName(name, proto, { runtime: bare });
    assert.equal(port, verdict, `${name}/${proto}`);
  }
  assert.ok(compared > 100, `only ${compared} are in this system's file`);
}, { skip: noOracle || !existsSync("/etc/services") && "no /etc/services" });

test("services are found in the system's file as C finds them", async () => {
  const named: Call[] = known.flatMap(({ names, proto }): Call[] =>
    names.flatMap((name): Call[] => [
      ["getservbyname", name],
      ["getservbyname", name, proto],
    ])
  );
  const numbered: Call[] = known.flatMap(({ port }): Call[] => [
    ["getservbyport", port],
    ["getservbyport", port, "tcp"],
    ["getservbyport", port, "udp"],
  ]);
  const odd: Call[] = [
    ["getservbyname", "HTTP"],
    ["getservbyname", "no-such-service"],
    ["getservbyname", "http", "no-such-protocol"],
    ["getservbyname", ""],
    ["getservbyport", 0],
    ["getservbyport", 65_535],
  ];
  const calls = [...named, ...numbered, ...odd];
  const verdicts = await askPython(calls);
  for (const [i, [name, first, proto]] of calls.entries()) {
    const answer = await outcome(() =>
      name === "getservbyname"
        ? getServByName(first as string, proto as string | undefined)
        : getServByPort(first as number, proto as string | undefined)
    );
    assert.deepEqual(answer, verdicts[i], `${name} ${first} ${proto}`);
  }
}, { skip: noOracle });

test("protocols are found by every name as C finds them", async () => {
  const names = entriesOf(PROTOCOLS)
    .flatMap(({ name, aliases }) => [name, ...aliases])
    .concat("Tcp", "no-such-protocol", "");
  const verdicts = await askPython(
    names.map((name): Call => ["getprotobyname", name]),
  );
  for (const [i, name] of names.entries()) {
    const verdict = verdicts[i];
    assert.deepEqual(await outcome(() => getProtoByName(name)), verdict, name);
    if (typeof verdict !== "number") continue;
    assert.equal(await getProtoByName(name, { runtime: bare }), verdict, name);
  }
}, { skip: noOracle });

const system = memoryNetwork({
  names: {
    files: {
      services: `
# a comment
tunnel\t\t7/tcp   burrow  # and another
tunnel 8/udp
tunnel 9/tcp
lonely
`,
      protocols: "mine 201 MINE\n",
    },
  },
});

test("a readable system file is the only source", async () => {
  const runtime = { runtime: system };
  assert.equal(await getServByName("tunnel", undefined, runtime), 7);
  assert.equal(await getServByName("tunnel", "udp", runtime), 8);
  assert.equal(await getServByName("burrow", "tcp", runtime), 7);
  assert.equal(await getServByPort(9, undefined, runtime), "tunnel");
  assert.equal(await getProtoByName("MINE", runtime), 201);
  for (
    const call of [
      () => getServByName("http", "tcp", runtime),
      () => getServByName("burrow", "udp", runtime),
      () => getServByName("lonely", undefined, runtime),
      () => getServByPort(7, "udp", runtime),
      () => getProtoByName("tcp", runtime),
    ]
  ) {
    await assert.rejects(call, { name: "SocketError", code: "ENOENT" });
  }
});

test("what is not found says what was asked", async () => {
  await assert.rejects(getServByName("nix", "tcp", { runtime: bare }), {
    message: 'getServByName failed: service/proto not found: "nix"',
    op: "getServByName",
    errno: 2,
  });
});

const misuses: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["TypeError", () => getServByName(80 as never)],
  ["TypeError", () => getServByName("http", 6 as never)],
  ["TypeError", () => getServByPort("80" as never)],
  ["RangeError", () => getServByPort(65_536)],
  ["RangeError", () => getServByPort(-1)],
  ["RangeError", () => getServByPort(0.5)],
  ["TypeError", () => getServByPort(80, null as never)],
  ["TypeError", () => getProtoByName(6 as never)],
];

misuses.forEach(([name, call], i) => {
  test(`services and protocols reject misuse ${i} with a ${name}`, async () => {
    await assert.rejects(call, { name });
  });
});

test("the built-in tables come from files such as this system's", () => {
  const present = new Set(
    entriesOf(readFileSync("/etc/services", "utf8"))
      .map(({ name, value }) => `${name} ${value}`),
  );
  const common = entriesOf(SERVICES)
    .filter(({ name, value }) => present.has(`${name} ${value}`));
  assert.ok(common.length > known.length / 2);
}, { skip: !existsSync("/etc/services") && "no /etc/services" });
