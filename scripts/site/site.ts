/**
 * The files of the site's guide, all but its API.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { filesUnder, root } from "../lib.ts";
import { CSS, escaped, laidOut } from "./layout.ts";
import { coloured, examples, type Page, pages } from "./pages.ts";
import { SEARCH, searchIndex } from "./search.ts";

/** Every file by its path in the site. */
export function siteFiles(): Map<string, string> {
  const all = pages();
  const files = new Map<string, string>([
    ["site.css", CSS],
    ["search.js", SEARCH],
    ["search_index.js", searchIndex(all)],
  ]);
  for (const page of all) files.set(page.path, laidOut(page, all));
  for (const [path, text] of examplePages(all)) files.set(path, text);
  for (const file of filesUnder("docs", ".svg")) {
    files.set(posix.basename(file), readFileSync(join(root, file), "utf8"));
  }
  return files;
}

function* examplePages(
  all: readonly Page[],
): Generator<[path: string, text: string]> {
  const items: string[] = [];
  for (const file of examples()) {
    const text = readFileSync(join(root, file), "utf8");
    const name = posix.basename(file);
    const path = `${file}.html`;
    const html = `<h1>${name}</h1>\n<pre tabindex="0"><code>${
      coloured(text, "ts")
    }</code></pre>`;
    yield [path, laidOut({ path, title: name, html }, all, "../")];
    yield [file, text];
    items.push(
      `<li><a href="${name}.html">${name}</a>: ${
        escaped(firstSentence(text))
      }</li>`,
    );
  }
  const html = `<h1>Examples</h1>\n<ul>\n${items.join("\n")}\n</ul>`;
  const path = "examples/index.html";
  yield [path, laidOut({ path, title: "Examples", html }, all, "../")];
}

/** What an example says of itself first. */
function firstSentence(text: string): string {
  const [, comment = ""] = /^\/\*\*\n([^]*?)\*\//.exec(text) ?? [];
  const words = comment.replace(/^ \* ?/gm, "").replace(/\s+/g, " ");
  return /^.*?[.:](?= |$)/.exec(words.trim())?.[0].replace(/:$/, ".") ?? "";
}
