// Installs what has a lock file of its own: the runtimes, old compilers, and the
// packages that benchmarks compare with. `npm ci` runs this by itself, as
// `prepare`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const folder of ["tools/runtimes", "tools/typescript", "bench"]) {
  const cwd = join(root, folder);
  if (!existsSync(join(cwd, "package-lock.json"))) continue;
  console.log(`npm ci in ${folder}`);
  const { status } = spawnSync("npm ci", {
    cwd,
    stdio: "inherit",
    shell: true,
  });
  if (status !== 0) process.exit(status ?? 1);
}
