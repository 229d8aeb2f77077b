/** How a listener comes to its path, on a file system in memory. */

import assert from "node:assert/strict";
import type { FileCalls } from "../../src/runtime/own_path.ts";
import { OwnPath } from "../../src/runtime/own_path.ts";
import {
  claimPath,
  isMadeFor,
  nameBeside,
  type PathClaim,
} from "../../src/runtime/path_claim.ts";
import { platformName } from "../../src/runtime/platform.ts";
import { test } from "../harness.ts";

/** Files by path, each with an inode of its own. */
class Files implements FileCalls {
  readonly all: Map<string, number> = new Map();
  #inodes = 0;
  failsToRename = false;

  create(path: string): void {
    if (this.all.has(path)) throw new Error("EEXIST");
    this.put(path);
  }

  /** Puts another file there, as somebody else would. */
  put(path: string): void {
    this.all.set(path, ++this.#inodes);
  }

  lstat(path: string): { dev: number; ino: number } {
    const ino = this.all.get(path);
    if (ino === undefined) throw new Error("ENOENT");
    return { dev: 1, ino };
  }

  rename(from: string, to: string): void {
    if (this.failsToRename) throw new Error("EIO");
    this.all.set(to, this.lstat(from).ino);
    this.all.delete(from);
  }

  unlink(path: string): void {
    this.all.delete(path);
  }

  cwd(): string {
    return "/home";
  }
}

const PATH = "/run/app.sock";
const skip = platformName() === "win32" && "Windows has pipes instead";
const IN_USE = { code: "EADDRINUSE" };

function claimed(files: Files): PathClaim {
  return claimPath(files, { family: "unix", path: PATH }, () => true)!;
}

test("a claim moves the listener to its path, which goes with it", () => {
  const files = new Files();
  const claim = claimed(files);
  assert.deepEqual([...files.all], []);
  files.put(claim.made.path);
  const own = claim.take();
  assert.deepEqual([...files.all.keys()], [PATH]);
  own.remove();
  assert.deepEqual([...files.all], []);
}, { skip });

test("a claim is EADDRINUSE when a file is there, or comes meanwhile", () => {
  const files = new Files();
  const claim = claimed(files);
  files.put(claim.made.path);
  files.put(PATH);
  const before = [...files.all];
  assert.throws(() => claim.take(), IN_USE);
  assert.throws(() => claimed(files), IN_USE);
  assert.deepEqual([...files.all], before);
}, { skip });

test("a claim leaves nothing at the path when the move fails", () => {
  const files = new Files();
  const claim = claimed(files);
  files.put(claim.made.path);
  files.failsToRename = true;
  assert.throws(() => claim.take(), /EIO/);
  assert.deepEqual([...files.all.keys()], [claim.made.path]);
}, { skip });

test("there is no claim without a path or without permission", () => {
  const files = new Files();
  const unix = (path: string) => ({ family: "unix", path }) as const;
  const inet = { family: "ipv4", hostname: "127.0.0.1", port: 0 } as const;
  const asked: string[] = [];
  const deny = (path: string) => asked.push(path) < 0;
  assert.equal(claimPath(files, unix("\0name"), () => true), undefined);
  assert.equal(claimPath(files, inet, () => true), undefined);
  assert.equal(claimPath(files, unix("app.sock"), deny), undefined);
  assert.match(asked.join(), /^\/home\/app\.sock\.[a-z\d]{6}$/);
});

test("a path removes nothing but the very file it was", () => {
  const files = new Files();
  files.put(PATH);
  const own = new OwnPath(files, PATH);
  files.put(PATH);
  own.remove();
  assert.ok(files.all.has(PATH));
  const absent = new OwnPath(files, "/run/absent");
  files.put("/run/absent");
  absent.remove();
  assert.ok(files.all.has("/run/absent"));
});

test("the name beside a path fits, is another, and is known again", () => {
  const folders = ["", "/", "/tmp/", "é/", `/${"d".repeat(104)}/`];
  for (const folder of folders) {
    const room = 107 - new TextEncoder().encode(folder).length;
    for (let length = 1; length <= room; length++) {
      const path = folder + "s".repeat(length);
      const name = nameBeside(path);
      assert.notEqual(name, path);
      assert.ok(new TextEncoder().encode(name).length <= 107, name);
      assert.ok(name.startsWith(folder));
      assert.ok(isMadeFor(name, path), `${name} for ${path}`);
    }
  }
  assert.ok(!isMadeFor("/run/app.sock", "/run/app.sock"));
  assert.ok(!isMadeFor("/run/app.sock.old.sock", "/run/app.sock"));
});
