/**
 * mysql2 over sockets of ours, against a real MariaDB.
 */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../harness.ts";
import { environment } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import { missing, realServer, talk } from "./servers.ts";

const SQL = `create database test;
create user tester@127.0.0.1 identified by '';
grant all on test.* to tester@127.0.0.1;
`;

test("mysql2 speaks to a real MariaDB", async (t) => {
  await withTempDir(async (dir) => {
    const data = join(dir, "data");
    spawnSync("mariadb-install-db", [
      ...["--no-defaults", `--datadir=${data}`, "--skip-test-db"],
      ...["--auth-root-authentication-method=normal", "--skip-name-resolve"],
    ], { env: environment() });
    writeFileSync(join(dir, "init.sql"), SQL);
    let isFirst = true;
    const server = await realServer((port) => {
      const init = isFirst ? [`--init-file=${join(dir, "init.sql")}`] : [];
      isFirst = false;
      return [
        ...["mariadbd", "--no-defaults", `--datadir=${data}`],
        ...[`--port=${port}`, "--bind-address=127.0.0.1", "--user=root"],
        ...[`--socket=${join(dir, "s")}`, "--max-allowed-packet=64M"],
        ...["--skip-name-resolve", "--innodb-flush-method=fsync", ...init],
      ];
    }, /ready for connections/);
    await server.start();
    try {
      await t.step("mysql2", async () => void await talk("mysql2", server));
    } finally {
      await server.stop();
    }
  });
}, { skip: missing("mariadbd", "mariadb-install-db"), timeoutMs: 90_000 });
