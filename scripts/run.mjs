// Runs scripts/<name>.ts with a Node that strips types, whichever Node (or Bun)
// was asked: node scripts/run.mjs <name> [arguments]
// In a fresh clone it installs first what every command needs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isSetUp, setUp } from "./setup.mjs";

const scripts = dirname(fileURLToPath(import.meta.url));
const root = dirname(scripts);
const tools = join(root, "tools", "runtimes", "node_modules");
const [name = "", ...args] = process.argv.slice(2);

const script = [
  join(scripts, `${name}.ts`),
  join(root, name, "main.ts"),
].find((path) => /^\w+$/.test(name) && existsSync(path));
if (!script) {
  console.error(`There is no scripts/${name}.ts and no ${name}/main.ts.`);
  process.exit(2);
}
if (!isSetUp()) {
  const code = await setUp();
  if (code !== 0) process.exit(code);
}
const node = findNode();
if (!node) {
  console.error(
    "Node 22.18 or later is needed for the scripts, and `npm ci` installs " +
      "it on x86-64 Linux.\nEither run `npm ci` (without --ignore-scripts) " +
      "or put such a Node on the PATH.",
  );
  process.exit(2);
}

// The pinned Deno and Bun by name, but `node` stays the system's.
const child = spawn(node, [script, ...args], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: process.env.PATH + delimiter + join(tools, ".bin"),
  },
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`Cannot run ${node}: ${error.message}`);
  process.exitCode = 2;
});
child.on("exit", (code) => process.exitCode = code ?? 1);

function findNode() {
  const pinned = join(tools, "node-26", "bin", "node");
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split(".").map(Number);
  const strips = major > 22 || (major === 22 && minor >= 18);
  return strips && !process.versions.bun ? process.execPath : undefined;
}
