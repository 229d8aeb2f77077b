import assert from "node:assert/strict";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type SendableFile, SocketError, socketPair } from "../../../mod.ts";
import { memoryNetwork } from "../../../src/runtime/memory.ts";
import { Pattern } from "../../../src/testing/pattern.ts";
import { printedBy } from "../../support/printed.ts";
import { test } from "../../harness.ts";
import {
  findRuntime,
  type RuntimeName,
  spawnRuntime,
  thisRuntime,
} from "../../runtimes.ts";
import { withTempDir } from "../../temp.ts";

const SIZE = 1_000_003;

/** A file of its own with a pattern in it. */
async function withFile(
  work: (path: string, pattern: Pattern) => Promise<void>,
  size = SIZE,
): Promise<void> {
  const pattern = new Pattern(51);
  await withTempDir(async (dir) => {
    const path = join(dir, "file");
    await writeFile(path, pattern.slice(0, size));
    await work(path, pattern);
  });
}

/** What comes of sending a file, and whether it is this part of the pattern. */
async function sent(
  file: SendableFile,
  pattern: Pattern,
  options: { offset?: number; count?: number } = {},
): Promise<number> {
  const [a, b] = await socketPair();
  const sending = a.sendFile(file, options);
  let at = options.offset ?? 0;
  const receiving = (async () => {
    for await (const chunk of b) {
      pattern.check(chunk, at);
      at += chunk.length;
    }
  })();
  const count = await sending;
  await a.shutdown(1);
  await receiving;
  assert.equal(at - (options.offset ?? 0), count);
  await Promise.all([a.close(), b.close()]);
  return count;
}

test("sendFile sends the file of a path, or a part of it", async () => {
  await withFile(async (path, pattern) => {
    assert.equal(await sent(path, pattern), SIZE);
    const part = { offset: 65_535, count: 131_073 };
    assert.equal(await sent(path, pattern, part), part.count);
    const tail = { offset: SIZE - 5, count: 1_000_000 };
    assert.equal(await sent(path, pattern, tail), 5);
    assert.equal(await sent(path, pattern, { offset: SIZE + 5 }), 0);
  });
});

test("sendFile sends the host's files over a network in memory, too", async () => {
  await withFile(async (path, pattern) => {
    const [a, b] = await socketPair({ runtime: memoryNetwork() });
    assert.equal(await a.sendFile(path), 100);
    pattern.check(await b.recvExactly(100), 0);
    await Promise.all([a.close(), b.close()]);
  }, 100);
});

test("sendFile says which file it cannot send, and why", async () => {
  await withTempDir(async (dir) => {
    const [a, b] = await socketPair();
    const missing = join(dir, "missing");
    const failures: readonly (readonly [path: string, code: string])[] = [
      [missing, "ENOENT"],
      [dir, "EISDIR"],
      ["", "ENOENT"],
      ...existsSync("/dev/null") ? [["/dev/null", "EINVAL"] as const] : [],
    ];
    for (const [path, code] of failures) {
      await assert.rejects(a.sendFile(path), (error) => {
        assert.ok(error instanceof SocketError);
        assert.deepEqual(
          [error.code, error.op, error.bytesSent],
          [code, "sendFile", 0],
        );
        assert.ok(error.message.includes(`${path}: `), error.message);
        return true;
      });
    }
    await a.sendAll("next");
    assert.equal((await b.recvExactly(4)).length, 4);
    await Promise.all([a.close(), b.close()]);
  });
});

test("sendFile sends from a FileHandle of node:fs, where it stands", async () => {
  await withFile(async (path, pattern) => {
    const handle = await open(path);
    try {
      const first = { count: 70_000 };
      assert.equal(await sent(handle, pattern, first), first.count);
      const [a, b] = await socketPair();
      assert.equal(await a.sendFile(handle, { count: 5 }), 5);
      pattern.check(await b.recvExactly(5), first.count);
      await Promise.all([a.close(), b.close()]);
    } finally {
      await handle.close();
    }
  });
});

/** The part of the `Deno` namespace that the test uses. */
interface DenoFiles {
  open(path: string): Promise<
    SendableFile & {
      seek(offset: number, whence: number): Promise<number>;
      close(): void;
    }
  >;
}

test(
  "sendFile sends from a Deno.FsFile, and leaves it behind the last byte",
  async () => {
    const { Deno } = globalThis as unknown as { Deno: DenoFiles };
    await withFile(async (path, pattern) => {
      const file = await Deno.open(path);
      const part = { offset: 100, count: 200_000 };
      assert.equal(await sent(file, pattern, part), part.count);
      assert.equal(await file.seek(0, 1), 200_100);
      const [a, b] = await socketPair();
      const stuck = { offset: 0, timeoutMs: 50 };
      await assert.rejects(a.sendFile(file, stuck), { code: "ETIMEDOUT" });
      assert.equal(await file.seek(0, 1), a.bytesSent);
      await Promise.all([a, b].map((each) => each.close({ lingerMs: 0 })));
      file.close();
    }, 20_000_000);
  },
  { skip: thisRuntime() !== "deno" && "it is Deno's" },
);

test("sendFile sends the stream of a Blob", async () => {
  const pattern = new Pattern(52);
  const blob = new Blob([pattern.slice(0, 300_000)]);
  assert.equal(await sent(blob.stream(), pattern), 300_000);
});

/** How many descriptors of this process are of the file. */
function descriptorsOf(path: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // the one that the listing itself was read with
    }
  }).length;
}

const noProc = thisRuntime() === "deno"
  ? "Deno lets tests not see it; its sanitizer does"
  : !existsSync("/proc/self/fd") && "there is no /proc";

test("sendFile closes what it opened, however it ends", async () => {
  await withFile(async (path) => {
    const [a, b] = await socketPair();
    const signal = AbortSignal.timeout(30);
    await assert.rejects(a.sendFile(path, { signal }), (error) => {
      return error === signal.reason;
    });
    await assert.rejects(a.sendFile(path, { timeoutMs: 30 }), {
      code: "ETIMEDOUT",
    });
    const closing = a.sendFile(path);
    await assert.rejects(a.sendFile(path), { code: "EBUSY" });
    await Promise.all([
      assert.rejects(closing, { code: "EBADF" }),
      a.close({ lingerMs: 0 }),
      b.close({ lingerMs: 0 }),
    ]);
    // A read that was under way then closes the file when it is over.
    while (noProc === false && descriptorsOf(path) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }, 20_000_000);
});

const NODE_FLAGS = "--disable-warning=ExperimentalWarning " +
  "--disable-warning=SecurityWarning --permission";

/** What a program prints that sends a file under these permissions. */
function permitted(
  name: RuntimeName,
  path: string,
  flag: string,
): Promise<string> {
  return printedBy(
    spawnRuntime(name, "tests/fixtures/socket/sends_file.ts", [path], {
      denoFlags: ["--no-check", "--no-prompt", ...flag ? [flag] : []],
      ...name === "deno"
        ? {}
        : { env: { NODE_OPTIONS: `${NODE_FLAGS} ${flag}` } },
    }),
  );
}

const deno = findRuntime("deno");
const node = findRuntime("node26");

test(
  "Deno must permit sendFile to read, and is told so otherwise",
  async () => {
    await withFile(async (path) => {
      const denied = await permitted("deno", path, "");
      assert.match(denied, /^PermissionError EPERM .*--allow-read/);
      assert.equal(await permitted("deno", path, `--allow-read=${path}`), "10");
    }, 10);
  },
  { skip: typeof deno === "string" && deno },
);

test(
  "Node must permit sendFile to read, and is told so otherwise",
  async () => {
    await withFile(async (path) => {
      const sources = `--allow-fs-read=${process.cwd()}`;
      const denied = await permitted("node26", path, sources);
      assert.match(denied, /^PermissionError EPERM .*--allow-fs-read/);
      const flags = `${sources} --allow-fs-read=${path}`;
      assert.equal(await permitted("node26", path, flags), "10");
    }, 10);
  },
  { skip: typeof node === "string" && node },
);
