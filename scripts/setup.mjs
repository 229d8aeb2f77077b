// Installs what has a lock file of its own: the runtimes of today and the oldest
// ones, old compilers, what changes lines of `src` to see tests fail, a bundler,
// the packages that benchmarks compare with, and the libraries that are run over
// our sockets. `npm ci` runs this by itself, as `prepare`; `scripts/run.mjs` runs
// both where they are missing.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TELL_MS = 10_000;

// Without the first two nothing goes; what misses the others is skipped.
const NEEDED = [".", "tools/runtimes"];
const FOLDERS = [
  "tools/runtimes",
  "tools/oldest",
  "tools/typescript",
  "tools/mutation",
  "tools/bundler",
  "bench",
  "examples/integrations",
];

/** Whether everything is there that every command needs. */
export function isSetUp() {
  return NEEDED.every(isInstalled);
}

/** Installs what is missing; gives the exit code. */
export function setUp() {
  console.log("Setting up this clone, which takes a minute or two, once.");
  return install([".", ...FOLDERS].filter((folder) => !isInstalled(folder)));
}

function isInstalled(folder) {
  // npm writes this file last.
  return existsSync(join(root, folder, "node_modules", ".package-lock.json"));
}

async function install(folders) {
  for (const [i, folder] of folders.entries()) {
    const step = `[${i + 1}/${folders.length}] npm ci in ${folder}`;
    const code = await npmCi(folder, step);
    if (code !== 0) return code;
  }
  makeExecutable("tools/oldest/node_modules/deno-2.8/deno");
  return 0;
}

function npmCi(folder, what) {
  console.log(what);
  const start = Date.now();
  const timer = setInterval(() => {
    console.log(`${what}: ${Math.round((Date.now() - start) / 1000)} s`);
  }, TELL_MS);
  return new Promise((resolve) => {
    const cwd = join(root, folder);
    // In the root its scripts would come back here, as `prepare`.
    const command = folder === "." ? "npm ci --ignore-scripts" : "npm ci";
    const child = spawn(command, { cwd, stdio: "inherit", shell: true });
    const finish = (code) => {
      clearInterval(timer);
      resolve(code);
    };
    child.on("error", (error) => {
      console.error(error.message);
      finish(1);
    });
    child.on("exit", (code) => finish(code ?? 1));
  });
}

/** The package for one platform leaves that to the installer of `deno`. */
function makeExecutable(path) {
  if (existsSync(join(root, path))) chmodSync(join(root, path), 0o755);
}

const program = process.argv[1];
if (program && fileURLToPath(import.meta.url) === realpathSync(program)) {
  process.exitCode = await install(FOLDERS);
}
