/**
 * mysql2 over sockets of ours, against a real MariaDB.
 */

import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { withTempDir } from "../temp.ts";
import { mariadbServer, tlsFilesIn } from "./server_kinds.ts";
import { missing, talk } from "./servers.ts";

test("mysql2 speaks to a real MariaDB", async (t) => {
  await withTempDir(async (dir) => {
    const tls = tlsFilesIn(dir);
    const server = await mariadbServer(dir, tls);
    await server.start();
    try {
      await t.step("mysql2", async () => void await talk("mysql2", server));
      await t.step(
        "secure",
        async () => void await talk("secure", server, ["mysql", tls.ca]),
      );
    } finally {
      await server.stop();
    }
  });
}, {
  skip: missing("mariadbd", "mariadb-install-db") ||
    (lackOfOpenssl() ?? false),
  timeoutMs: 90_000,
});
