/** What the npm package is made of, whichever compiler made it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { forNode20 } from "../../scripts/make_package.ts";
import {
  denoManifest,
  DRIVERS,
  npmExports,
  npmImports,
  plainFiles,
  RUN,
} from "../../scripts/npm_manifest.ts";
import { test } from "../harness.ts";
import { environment, findRuntime, repositoryRoot } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";

const deno = findRuntime("deno");

test(
  "dnt is told of every entry point, no polyfills and exports of ours",
  () =>
    withTempDir((dir) => {
      if (typeof deno === "string") throw new Error(deno);
      const root = repositoryRoot();
      const standIn = join(root, "tests/fixtures/scripts/dnt_stand_in.ts");
      const map = join(dir, "imports.json");
      const imports = { "@deno/dnt": pathToFileURL(standIn).href };
      writeFileSync(map, JSON.stringify({ imports }));
      const { stdout, stderr } = spawnSync(deno.command, [
        ...["run", "--allow-all", "--quiet", "--no-config"],
        ...["--node-modules-dir=manual", `--import-map=${map}`],
        "scripts/build_npm_dnt.ts",
      ], { cwd: root, env: environment(), encoding: "utf8" });
      const [folder, told = ""] = stdout.trim().split("\n");
      assert.equal(folder, ".build.npm", stderr);
      const options = JSON.parse(told);
      const manifest = denoManifest();
      const entries = { ...manifest.exports, ...RUN, ...DRIVERS.files };
      assert.deepEqual(
        options.entryPoints,
        Object.entries(entries)
          .map(([name, path]) => name === "." ? path : { name, path }),
      );
      assert.deepEqual(options.package.exports, npmExports(manifest));
      assert.deepEqual(options.package.bin, { anysock: "./esm/cli.js" });
      assert.equal(options.package.version, manifest.version);
      assert.equal(options.outDir, folder);
      assert.deepEqual(
        [options.polyfills, options.scriptModule, options.shims],
        [false, false, {}],
      );
      assert.ok(options.compilerOptions.lib.includes("ESNext.Disposable"));
    }),
  { skip: typeof deno === "string" && deno },
);

test("Deno and Bun find their drivers before those of Node, others all", () => {
  const { "#drivers": drivers } = npmImports();
  assert.deepEqual(Object.entries(drivers!), [
    ["deno", "./esm/drivers_deno.js"],
    ["bun", "./esm/drivers_bun.js"],
    ["node", "./esm/drivers_node.js"],
    ["default", "./esm/drivers.js"],
  ]);
});

test("the package has the guide and the examples, and no package in it", () => {
  const files = plainFiles();
  for (const file of ["README.md", "docs/sockets.md", "examples/redis.ts"]) {
    assert.ok(files.includes(file), file);
  }
  assert.ok(files.every((file) => !/integrations|node_modules/.test(file)));
});

test("an example without types names itself and others so", () => {
  assert.equal(
    forNode20(
      " *     node examples/a_b.ts [port]   (Node 22.18; on 20: .mjs)\n" +
        'import { answer } from "./howto_handler.ts";\n',
    ),
    " *     node examples/a_b.mjs [port]\n" +
      'import { answer } from "./howto_handler.mjs";\n',
  );
});
