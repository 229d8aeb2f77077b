/**
 * The guide as pages: which there are, in the order of the README, and their
 * Markdown as HTML whose links lead within the site.
 *
 * @module
 */

import hljs from "highlight.js";
import { Marked } from "marked";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { filesUnder, root } from "../lib.ts";

/** A page of the guide. */
export interface Page {
  /** Its file, from the repository's root: `docs/sockets.md`. */
  readonly file: string;
  /** Where it is in the site: `sockets.html`. */
  readonly path: string;
  /** Its first heading. */
  readonly title: string;
  /** What stands below its layout. */
  readonly html: string;
  /** Its sections, for the search. */
  readonly sections: readonly Section[];
}

/** A heading, and the words up to the next one. */
export interface Section {
  /** The heading. */
  readonly title: string;
  /** Where it is in its page: `#closing`. */
  readonly anchor: string;
  /** The words below it. */
  readonly text: string;
}

/** All pages, the README first, then the guide in its order. */
export function pages(): Page[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const listed = [...readme.matchAll(/\]\((docs\/\w+\.md)\)/g)]
    .map(([, file]) => file!);
  const files = ["README.md", ...new Set(listed), "CHANGELOG.md"];
  const missing = filesUnder("docs", ".md").filter((file) =>
    !files.includes(file)
  );
  if (missing.length > 0) {
    throw new Error(`README.md does not link to ${missing.join(", ")}`);
  }
  return files.map(pageOf);
}

/** The programs that pages link to, as they are. */
export function examples(): string[] {
  return filesUnder("examples")
    .filter((file) => file.split("/").length === 2);
}

function pageOf(file: string): Page {
  const text = readFileSync(join(root, file), "utf8");
  const sections: Section[] = [];
  const anchors = new Set<string>();
  const marked = new Marked({
    renderer: {
      heading(html, level, raw) {
        const title = plain(raw);
        const anchor = unused(anchorOf(title), anchors);
        sections.push({ title, anchor: `#${anchor}`, text: "" });
        return `<h${level} id="${anchor}">${html}` +
          `<a class="anchor" href="#${anchor}" aria-label="Link">#</a>` +
          `</h${level}>\n`;
      },
      code: (code, info) =>
        `<pre tabindex="0"><code>${coloured(code, info ?? "")}</code></pre>\n`,
      table: (header, body) =>
        `<div class="wide" tabindex="0"><table><thead>${header}</thead>` +
        `<tbody>${body}</tbody></table></div>\n`,
      link: (href, _title, html) =>
        `<a href="${linkFrom(file, href)}">${html}</a>`,
      image: (href, _title, alt) =>
        `<img src="${linkFrom(file, href)}" alt="${alt}">`,
    },
  });
  const html = marked.parse(text) as string;
  return {
    ...{ file, path: pathOf(file), html },
    title: sections[0]?.title ?? file,
    sections: withTexts(text, sections),
  };
}

/** Words of each section: what the source says from its heading to the next. */
function withTexts(
  source: string,
  sections: readonly Section[],
): Section[] {
  const parts = source
    .replace(/^```[^]*?^```$/gm, (code) => code.replace(/^#/gm, " "))
    .split(/^#+ .*$/m).slice(1);
  return sections.map(({ title, anchor }, i) => ({
    ...{ title, anchor },
    text: (parts[i] ?? "").replace(/[`|]|\*\*|-{2,}/g, " ").replace(/\s+/g, " ")
      .trim(),
  }));
}

function pathOf(file: string): string {
  if (file === "README.md") return "index.html";
  return posix.basename(file).toLowerCase().replace(/\.md$/, ".html");
}

/** Where a link of a file leads in the site. */
function linkFrom(file: string, href: string): string {
  if (/^[a-z]+:|^#/.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const target = posix.join(posix.dirname(file), path);
  const place = target.endsWith(".md")
    ? pathOf(target)
    : target === "examples"
    ? "examples/index.html"
    : target.replace(/^docs\//, "");
  return anchor === undefined ? place : `${place}#${anchor}`;
}

function anchorOf(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function unused(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 1; taken.has(free); i++) free = `${name}-${i}`;
  taken.add(free);
  return free;
}

function plain(markdown: string): string {
  return markdown.replace(/[`*]|\[|\]\([^)]*\)/g, "")
    .replaceAll("&quot;", '"').replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ ts: "typescript", js: "javascript", sh: "bash", json: "json" },
};

/** A program in colours, safe to be HTML. */
export function coloured(code: string, info: string): string {
  const language = LANGUAGES[info.split(" ")[0] ?? ""];
  return hljs.highlight(code, { language: language ?? "plaintext" }).value;
}
