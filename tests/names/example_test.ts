import assert from "node:assert/strict";
import { startProgram } from "../examples/programs.ts";
import { test } from "../harness.ts";

test("examples/names.ts tells of localhost and its web server", async () => {
  const program = startProgram("examples/names.ts", "localhost", "http");
  try {
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^This is \S+\nlocalhost is localhost/);
    assert.match(stdout, /\nhttp is port 80\n/);
    assert.match(stdout, /\n127\.0\.0\.1:80 is http of \S+\n/);
  } finally {
    await program.stop();
  }
});

test("examples/names.ts ends with 1 and the code of what is unknown", async () => {
  const program = startProgram("examples/names.ts", "localhost", "nix");
  try {
    const { code, stderr } = await program.ended;
    assert.equal(code, 1);
    assert.match(stderr, /^ENOENT: .*"nix"\n$/);
  } finally {
    await program.stop();
  }
});
