/** What a release is held to, and the workflows to what the project has. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faultsOf } from "../../scripts/check_release.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";

test("a release has its tag, its version and its date", () => {
  const changelog = "# Changelog\n\n## 1.2.3 (2026-11-27)\n\nBetter.\n";
  assert.deepEqual(faultsOf("v1.2.3", "1.2.3", changelog), []);
  assert.deepEqual(faultsOf("v1.2.4", "1.2.3", changelog), [
    "The tag is v1.2.4, and deno.json says 1.2.3",
  ]);
  assert.deepEqual(faultsOf("v1.2.4", "1.2.4", changelog), [
    'CHANGELOG.md has no "## 1.2.4 (date)"',
  ]);
  const early = changelog.replace("2026-11-27", "unreleased");
  assert.deepEqual(faultsOf("v1.2.3", "1.2.3", early), [
    "CHANGELOG.md says 1.2.3 is unreleased, not its date",
  ]);
});

const root = repositoryRoot();
const workflows = join(root, ".github", "workflows");

for (const name of readdirSync(workflows)) {
  test(`the workflow ${name} runs what there is`, () => {
    const text = readFileSync(join(workflows, name), "utf8");
    const scripts = [...text.matchAll(/scripts\/run\.mjs (\w+)/g)]
      .map(([, script]) => `scripts/${script}.ts`);
    const files = [
      ...text.matchAll(
        /(?<![.\w/])(?:\.\/)?(\.build\/)?((?:tests|scripts|cli|\.ci)\/[\w./]+)/g,
      ),
    ]
      .map(([, isBuilt, file]) =>
        isBuilt === undefined ? file! : file!.replace(/\.js$/, ".ts")
      );
    const found = [...scripts, ...files];
    assert.ok(found.length > 0);
    for (const file of found) assert.ok(existsSync(join(root, file)), file);
    const { tasks } = JSON.parse(
      readFileSync(join(root, "deno.json"), "utf8"),
    );
    for (const [, task] of text.matchAll(/deno task ([\w:]+)/g)) {
      assert.ok(task! in tasks, task);
    }
  });
}
