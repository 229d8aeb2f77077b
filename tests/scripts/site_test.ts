/**
 * The site: every link leads somewhere, the search finds what is there, and in
 * a browser no page complains or is wider than the screen.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { siteFiles } from "../../scripts/site/site.ts";
import { test } from "../harness.ts";
import { hasProgram } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";

const files = siteFiles();
const pages = [...files].filter(([path]) => path.endsWith(".html"));

test("every page has a title, one first heading and all pages beside it", () => {
  for (const [path, html] of pages) {
    assert.match(html, /<title>[^<]+<\/title>/, path);
    assert.equal(html.match(/<h1\b/g)?.length, 1, path);
    assert.match(html, /href="(\.\.\/)?sockets\.html"/, path);
  }
});

test("every link of the site leads to a page, and to a heading of it", () => {
  const dead: string[] = [];
  for (const [path, html] of pages) {
    for (const [, href = ""] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
      // What leads outside, and what `deno doc` makes.
      if (/^[a-z]+:/.test(href) || /(^|\/)api\//.test(href)) continue;
      const [file = "", anchor] = href.split("#");
      const target = file === "" ? path : posix.join(posix.dirname(path), file);
      const found = files.get(target);
      const isThere = found !== undefined &&
        (anchor === undefined || found.includes(`id="${anchor}"`));
      if (!isThere) dead.push(`${path}: ${href}`);
    }
  }
  assert.deepEqual(dead, []);
});

test("the search finds sections by their words, titles first", () => {
  const search = new Function(
    "document",
    "addEventListener",
    `${files.get("search_index.js")}${files.get("search.js")}; return search;`,
  )({ getElementById: () => ({ addEventListener() {} }) }, () => {}) as (
    query: string,
  ) => { link: string; title: string }[];
  const links = (query: string) => search(query).map(({ link }) => link);
  assert.ok(links("starttls").some((link) => link.startsWith("tls.html#")));
  assert.ok(links("ANYSOCK_DEBUG")[0]?.startsWith("debugging.html"));
  assert.deepEqual(links("xyzzy plugh"), []);
  for (const { link } of search("socket")) {
    const [path = "", anchor] = link.split("#");
    assert.ok(files.get(path)?.includes(`id="${anchor}"`), link);
  }
});

const browser = ["chromium", "chromium-browser", "google-chrome"]
  .find(hasProgram);

/** Tells the page around it how wide it is and what went wrong. */
const PROBE = `<script>
const wrong = [];
addEventListener("error", (event) => wrong.push(event.message || "a resource"), true);
console.error = (...words) => wrong.push(words.join(" "));
addEventListener("load", () => parent.postMessage({
  wide: document.documentElement.scrollWidth,
  screen: document.documentElement.clientWidth,
  title: document.title,
  heading: document.querySelector("h1")?.textContent,
  wrong,
}, "*"));
</script>`;

/** All on a telephone, and one of each kind on a desk. */
function widthsOf(path: string): number[] {
  return /^(index|benchmarks|examples\/)/.test(path) ? [390, 1280] : [390];
}

/** All pages in frames; says in its text what each has told. */
function around(paths: readonly string[]): string {
  const frames = paths.flatMap((path) =>
    widthsOf(path).map((width) =>
      `<iframe src="${path}" width="${width}" height="800" ` +
      `title="${path} ${width}"></iframe>`
    )
  );
  return `<!DOCTYPE html><pre id="told"></pre>
<script>
const told = {};
addEventListener("message", ({ source, data }) => {
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow === source) told[frame.title] = data;
  }
  document.getElementById("told").textContent = JSON.stringify(told);
});
</script>
${frames.join("\n")}`;
}

test(
  "in a browser no page complains or is wider than the screen",
  () =>
    withTempDir((dir) => {
      for (const [path, text] of files) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(
          join(dir, path),
          text.replace("<head>", `<head>${PROBE}`),
        );
      }
      const paths = pages.map(([path]) => path)
        .filter((path) => !/^examples\/.*\.ts\.html$/.test(path))
        .concat("examples/redis.ts.html");
      writeFileSync(join(dir, "around.html"), around(paths));
      const { stdout, stderr } = spawnSync(browser!, [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"],
        ...["--disable-dev-shm-usage", "--virtual-time-budget=2000"],
        `--user-data-dir=${join(dir, "profile")}`,
        `file://${join(dir, "around.html")}`,
      ], { encoding: "utf8", timeout: 60_000, maxBuffer: 2 ** 26 });
      const [, json = ""] = /<pre id="told">(.*?)<\/pre>/.exec(stdout) ?? [];
      assert.notEqual(json, "", stderr);
      const told = JSON.parse(
        json.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
          .replaceAll("&amp;", "&"),
      );
      assert.equal(Object.keys(told).length, paths.flatMap(widthsOf).length);
      for (const [frame, page] of Object.entries<Told>(told)) {
        assert.deepEqual(page.wrong, [], frame);
        assert.ok(page.wide <= page.screen, `${frame} is ${page.wide} wide`);
        assert.ok(page.title && page.heading, frame);
      }
    }),
  {
    timeoutMs: 90_000,
    skip: browser === undefined && "no Chromium is installed",
  },
);

interface Told {
  readonly wide: number;
  readonly screen: number;
  readonly title: string;
  readonly heading: string;
  readonly wrong: readonly string[];
}
