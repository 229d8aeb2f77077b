/**
 * The site: every link leads somewhere, the search finds what is there, and in
 * a browser no page complains, is wider than the screen or cut off at its edge.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { deno, root } from "../../scripts/lib.ts";
import { fitToScreens } from "../../scripts/site/api.ts";
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
const tell = () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const scrolls = (part) => part !== null &&
    (/auto|scroll/.test(getComputedStyle(part).overflowX) ||
      scrolls(part.parentElement));
  const isCut = (part) => {
    const { width, right } = part.getBoundingClientRect();
    return width > 0 && right > clientWidth + 1 && !scrolls(part.parentElement);
  };
  parent.postMessage({
    wide: scrollWidth,
    screen: clientWidth,
    title: document.title,
    headings: document.querySelectorAll("h1, h2").length,
    cut: [...document.body.querySelectorAll("*")].filter(isCut)
      .map((part) => part.tagName + " " + part.textContent.slice(0, 40)),
    wrong,
  }, "*");
};
addEventListener("load", () => {
  tell();
  addEventListener("resize", tell);
});
</script>`;

/** A desk, and then a telephone. */
const WIDTHS = [1280, 390] as const;

/** All pages in frames; says in its text what each has told, at each width. */
function around(paths: readonly string[]): string {
  const [wide, narrow] = WIDTHS;
  const frames = paths.map((path) =>
    `<iframe src="${path}" width="${wide}" height="800" title="${path}">` +
    `</iframe>`
  );
  return `<!DOCTYPE html><pre id="told"></pre>
<script>
const told = {};
addEventListener("message", ({ source, data }) => {
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow !== source) continue;
    told[frame.title + " " + frame.width] = data;
    frame.width = ${narrow};
  }
  document.getElementById("told").textContent = JSON.stringify(told);
});
</script>
${frames.join("\n")}`;
}

/** The pages of the API that are looked at: an index, long signatures. */
const API = [
  "all_symbols",
  "framing/~/framed",
  "framing/~/FramedSocket",
]
  .map((name) => `api/${name}.html`);

/** Writes what is looked at, with the probe in it; gives the paths. */
function writeSite(dir: string): string[] {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const api = join(dir, "api");
  const { status, stderr } = spawnSync(deno, [
    ...["doc", "--html", "--name=anysock", `--output=${api}`],
    "src/framing/mod.ts",
  ], { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  fitToScreens(api);
  const paths = pages.map(([path]) => path)
    .filter((path) => !/^examples\/.*\.ts\.html$/.test(path))
    .concat("examples/redis.ts.html", API);
  for (const path of paths) {
    const text = readFileSync(join(dir, path), "utf8");
    writeFileSync(join(dir, path), text.replace("<head>", `<head>${PROBE}`));
  }
  return paths;
}

test(
  "in a browser no page complains, is wider than the screen, or cut off",
  () =>
    withTempDir((dir) => {
      const paths = writeSite(dir);
      writeFileSync(join(dir, "around.html"), around(paths));
      const { stdout, stderr } = spawnSync(browser!, [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"],
        ...["--disable-dev-shm-usage", "--virtual-time-budget=2000"],
        `--user-data-dir=${join(dir, "profile")}`,
        `file://${join(dir, "around.html")}`,
      ], { encoding: "utf8", timeout: 60_000, maxBuffer: 2 ** 26 });
      const [, json = ""] = /<pre id="told">(.*?)<\/pre>/s.exec(stdout) ?? [];
      assert.notEqual(json, "", stderr);
      const told = JSON.parse(
        json.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
          .replaceAll("&amp;", "&"),
      );
      assert.equal(Object.keys(told).length, paths.length * WIDTHS.length);
      for (const [frame, page] of Object.entries<Told>(told)) {
        assert.deepEqual(page.wrong, [], frame);
        assert.ok(page.wide <= page.screen, `${frame} is ${page.wide} wide`);
        assert.deepEqual(page.cut, [], `${frame} is cut off`);
        assert.ok(page.title && page.headings > 0, frame);
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
  readonly headings: number;
  readonly cut: readonly string[];
  readonly wrong: readonly string[];
}
