/**
 * What a settled send means: the kernel has the records, so that they arrive
 * even if the process ends with it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../mod.ts";
import { startProgram } from "../examples/programs.ts";
import { test } from "../harness.ts";
import {
  asFile,
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";

const skip = lackOfOpenssl();
const SCRIPT = "tests/fixtures/tls/answers_and_exits.ts";

for (const path of ["uniform", "native"]) {
  test(
    `what a ${path} server has sent arrives when it exits at once`,
    async () => {
      const { cert, key } = localhost();
      const files = [asFile("sent.crt", cert), asFile("sent.key", key)];
      const server = startProgram(SCRIPT, ...files, path);
      const [, port] = await server.printed(/port (\d+)/);
      const client = await connect(`127.0.0.1:${port}`, {
        tls: { ca: authority().cert, serverName: "localhost" },
      });
      const answer = await client.recvExactly("the answer".length);
      assert.equal(new TextDecoder().decode(answer), "the answer");
      await client.close({ lingerMs: 0 });
      assert.deepEqual((await server.ended).stderr, "");
    },
    { skip },
  );
}
