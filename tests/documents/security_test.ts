/** What docs/security.md says: its proofs exist, and its flags are exact. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { denoManifest } from "../../scripts/npm_manifest.ts";
import { printedOnDeno } from "../support/deno_program.ts";
import { printedBy } from "../support/printed.ts";
import { test } from "../harness.ts";
import { findRuntime, repositoryRoot, spawnRuntime } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";

const root = repositoryRoot();
const page = readFileSync(join(root, "docs/security.md"), "utf8");
const deno = findRuntime("deno");
const skip = typeof deno === "string" && deno;

/** All that the tests and laws say, white space aside. */
function allTests(): string {
  const files = ["tests", "src/testing/laws"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(root, folder, file))
  ).filter((file) => !file.endsWith("security_test.ts"));
  const own = '"no entry point asks Deno for a permission when imported" ' +
    '"each feature works on Deno with the flags of docs/security.md" ' +
    '"each feature says on Deno which flag is missing"';
  return [own, ...files.map((file) => readFileSync(file, "utf8"))].join("\n");
}

test("every proof that docs/security.md names is a test", () => {
  const text = page.replaceAll(/\s+/g, " ");
  const listed = [...text.matchAll(/_Proof: (.*?)_/g)].map(([, each]) => each);
  const rows = [...page.matchAll(/^\|.*\| ("[^|]+") +\|$/gm)]
    .map(([, each]) => each);
  const names = [...listed, ...rows]
    .flatMap((each) => [...each!.matchAll(/"([^"]+)"/g)])
    .map(([, name]) => name!);
  assert.ok(names.length >= 40, `${names.length} proofs`);
  const tests = allTests();
  assert.deepEqual(names.filter((name) => !tests.includes(`"${name}"`)), []);
});

/** The program is none of them: it runs when it is loaded. */
const ENTRIES = Object.values(denoManifest().exports);

test("no entry point asks Deno for a permission when imported", async () => {
  await withTempDir(async (dir) => {
    const urls = ENTRIES.map((entry) => pathToFileURL(join(root, entry)).href);
    const script = join(dir, "imports.ts");
    const log = join(dir, "asked.jsonl");
    await writeFile(
      script,
      urls.map((url) => `import ${JSON.stringify(url)};\n`).join("") +
        `console.log("all");\n`,
    );
    const printed = (script: string) =>
      printedBy(spawnRuntime("deno", script, ["1"], {
        denoFlags: ["--no-check", "--no-prompt"],
        env: { DENO_AUDIT_PERMISSIONS: log },
      }));
    assert.equal(await printed(relativeTo(script)), "all");
    assert.equal(readFileSync(log, "utf8"), "");
    // The log does tell of what is asked.
    await printed("tests/fixtures/permissions/features.ts");
    assert.match(readFileSync(log, "utf8"), /"permission":"net"/);
  });
}, { skip });

/** `spawnRuntime` takes paths from the root. */
function relativeTo(path: string): string {
  return join(...root.split("/").filter(Boolean).map(() => ".."), path);
}

/** The rows of the page, by their feature. */
const rows: ReadonlyMap<string, readonly string[]> = new Map(
  [...page.matchAll(/^\| (.+?) +\| (none|`--.+?) +\|$/gm)]
    .map(([, feature = "", flags = ""]) => [
      feature,
      flags.startsWith("`") ? flags.split("`")[1]!.split(" ") : [],
    ]),
);

/** What `tests/fixtures/permissions/features.ts` calls them. */
const FEATURES: readonly (readonly [row: string, name: string])[] = [
  ["framing, byte order, `Selector`, `anysock/shm`", "pure"],
  ["a network in memory, `simulate`", "simulate"],
  ['`connect("127.0.0.1:5432")`', "connect"],
  ['`connect("localhost:5432")`', "connect by name"],
  ['`connect("127.0.0.1:5432", { abortive: true })`', "connect, abortive"],
  ['`connect("127.0.0.1:5432", { tls: true })`', "tls"],
  ['`connect("unix:/run/peer.sock")`', "unix connect"],
  ["`createConnection` of `anysock/node`", "NodeSocket"],
  ["`connect` of `anysock/wintertc`", "wintertc"],
  ['`listen("127.0.0.1:0")`', "listen"],
  ['`listen("127.0.0.1:0", { abortive: true })`', "listen, abortive"],
  ['`listen("unix:/run/app.sock")`', "unix listen"],
  ['`serve("127.0.0.1:0", …, { signals })`', "serve"],
  ["`serve` with `workers` that are threads", "serve, threads"],
  ["`serve` with `workers` that are processes", "serve, processes"],
  ["`activation()`", "activation"],
  ["datagrams, from any port to `127.0.0.1:5432`", "datagrams"],
  ['`sendFile("/run/page.html")`', "sendFile"],
  ['`faultyProxy("127.0.0.1:5432")`', "faultyProxy"],
  ["`systemCertificates()`", "systemCertificates"],
  ["`getHostName()`", "getHostName"],
  ["`ifNameIndex()`", "ifNameIndex"],
  ["`usePosix()`", "usePosix"],
];

interface World {
  readonly port: number;
  readonly dir: string;
}

/** Peers for all that connects. */
async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const servers = [createServer(welcome), createServer(welcome)];
    await writeFile(join(dir, "page.html"), "hello");
    try {
      await listening(servers[0]!, { host: "127.0.0.1", port: 0 });
      await listening(servers[1]!, { path: join(dir, "peer.sock") });
      const { port } = servers[0]!.address() as { port: number };
      await use({ port, dir });
    } finally {
      for (const server of servers) {
        await new Promise((resolve) => server.close(resolve));
      }
    }
  });
}

function welcome(socket: import("node:net").Socket): void {
  socket.on("error", () => {}).resume();
}

function listening(server: Server, at: object): Promise<void> {
  return new Promise((resolve) => server.listen(at, () => resolve()));
}

async function tried(
  { port, dir }: World,
  flags: readonly string[],
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const own = flags.map((flag) =>
    flag.replaceAll("5432", `${port}`).replaceAll("/run", dir)
  );
  const script = "tests/fixtures/permissions/features.ts";
  const out = await printedOnDeno(script, own, [`${port}`, dir, ...names]);
  return new Map(out.split("\n").map((line) => JSON.parse(line)));
}

test(
  "each feature works on Deno with the flags of docs/security.md",
  async () => {
    assert.deepEqual([...rows.keys()], FEATURES.map(([row]) => row));
    await inWorld(async (world) => {
      const byFlags = new Map<string, string[]>();
      for (const [row, name] of FEATURES) {
        const flags = rows.get(row)!.join(" ");
        byFlags.set(flags, [...byFlags.get(flags) ?? [], name]);
      }
      for (const [flags, names] of byFlags) {
        const said = await tried(
          world,
          flags.split(" ").filter(Boolean),
          names,
        );
        const ok = names.map((name) => [name, "ok"]);
        assert.deepEqual([...said], ok, flags);
      }
    });
  },
  { skip },
);

test("each feature says on Deno which flag is missing", async () => {
  await inWorld(async (world) => {
    const said = await tried(world, [], FEATURES.map(([, name]) => name));
    for (const [row, name] of FEATURES) {
      const flags = rows.get(row)!.map((flag) => flag.split("=")[0]!);
      const text = said.get(name) ?? "";
      if (flags.length === 0) assert.equal(text, "ok", name);
      else assert.ok(flags.some((flag) => text.includes(flag)), text);
    }
    // And with all but one of them, that one.
    const missing = await Promise.all([
      tried(world, ["--allow-net"], ["sendFile", "unix connect"]),
      tried(world, ["--allow-net", "--allow-read"], ["serve, processes"]),
    ]);
    const texts = missing.flatMap((each) => [...each.values()]);
    assert.match(texts[0]!, /--allow-read/);
    assert.match(texts[1]!, /--allow-(read|write)/);
    assert.match(texts[2]!, /--allow-(run|env)/);
  });
}, { skip });
