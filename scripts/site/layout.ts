/**
 * What is around every page: the list of pages, the search, the colours.
 *
 * @module
 */

import type { Page } from "./pages.ts";

/** A page as a whole; `up` leads to the site's root. */
export function laidOut(
  { title, html, path }: Pick<Page, "title" | "html" | "path">,
  all: readonly Page[],
  up = "",
): string {
  const links = all.map((page) => {
    const here = page.path === path ? ' aria-current="page"' : "";
    return `<a href="${up}${page.path}"${here}>${escaped(page.title)}</a>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}${title === "anysock" ? "" : " – anysock"}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${up}site.css">
</head>
<body>
<header>
<a class="name" href="${up}index.html">anysock</a>
<label class="menu" for="menu">Pages</label>
<div class="search">
<input id="search" type="search" placeholder="Search the guide"
 aria-label="Search the guide" autocomplete="off">
<ol id="found" hidden></ol>
</div>
</header>
<input id="menu" type="checkbox" aria-label="Show the list of pages">
<nav>
${links.join("\n")}
<a href="${up}examples/index.html">Examples</a>
<a href="${up}api/index.html">API</a>
</nav>
<main>
${html}
</main>
<script src="${up}search_index.js"></script>
<script>const UP = ${JSON.stringify(up)};</script>
<script src="${up}search.js"></script>
</body>
</html>
`;
}

/** Text in HTML. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The style sheet. */
export const CSS = `:root {
  color-scheme: light dark;
  --text: #24292f; --faint: #57606a; --line: #d0d7de; --back: #fff;
  --soft: #f6f8fa; --link: #0a58ca; --word: #8250df; --string: #0a6c3b;
  --comment: #6a737d; --number: #953800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --faint: #9198a1; --line: #3d444d; --back: #0d1117;
    --soft: #161b22; --link: #6cb2ff; --word: #d2a8ff; --string: #7ee787;
    --comment: #9198a1; --number: #ffa657;
  }
}
* { box-sizing: border-box }
body {
  margin: 0; color: var(--text); background: var(--back);
  font: 16px/1.55 system-ui, sans-serif;
  display: grid; grid-template-columns: 15rem minmax(0, 1fr);
  grid-template-areas: "header header" "nav main";
}
header {
  grid-area: header; display: flex; gap: 1rem; align-items: center;
  padding: .6rem 1.2rem; border-bottom: 1px solid var(--line);
  position: sticky; top: 0; background: var(--back); z-index: 1;
}
.name { font-weight: 700; font-size: 1.2rem; color: inherit }
.search { position: relative; margin-left: auto; min-width: 0; flex: 0 1 20rem }
#search { width: 100%; font: inherit; padding: .25rem .6rem;
  border: 1px solid var(--line); border-radius: 6px;
  background: var(--soft); color: inherit }
#found { position: absolute; right: 0; width: min(32rem, 92vw);
  max-height: 70vh; overflow: auto; margin: .3rem 0 0; padding: .4rem;
  list-style: none; background: var(--back); border: 1px solid var(--line);
  border-radius: 6px; box-shadow: 0 6px 20px #0004 }
#found a { display: block; padding: .3rem .5rem; color: inherit }
#found a:hover, #found a:focus { background: var(--soft) }
#found small { display: block; color: var(--faint) }
nav { grid-area: nav; padding: 1rem 1.2rem; display: flex;
  flex-direction: column; gap: .15rem; font-size: .95rem;
  position: sticky; top: 3.4rem; align-self: start; max-height: 90vh;
  overflow: auto }
nav a { color: var(--faint); padding: .1rem .4rem; border-radius: 4px }
nav a[aria-current] { color: var(--text); background: var(--soft);
  font-weight: 600 }
#menu, .menu { display: none }
main { grid-area: main; padding: 1rem 2rem 4rem; max-width: 56rem;
  min-width: 0; overflow-wrap: break-word }
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
h1, h2, h3 { line-height: 1.25; scroll-margin-top: 4rem }
.anchor { margin-left: .4rem; opacity: 0; font-weight: 400 }
:is(h1, h2, h3):hover .anchor, .anchor:focus { opacity: 1 }
pre { background: var(--soft); border: 1px solid var(--line);
  border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; line-height: 1.4 }
code { font: .875em ui-monospace, monospace }
:not(pre) > code { background: var(--soft); padding: .1em .3em;
  border-radius: 4px }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .93rem }
th, td { border: 1px solid var(--line); padding: .3rem .6rem;
  text-align: left; vertical-align: top }
th { background: var(--soft) }
img { max-width: 100%; height: auto }
.hljs-keyword, .hljs-built_in, .hljs-literal { color: var(--word) }
.hljs-string, .hljs-regexp { color: var(--string) }
.hljs-comment { color: var(--comment) }
.hljs-number { color: var(--number) }
@media (max-width: 760px) {
  body { grid-template-columns: minmax(0, 1fr);
    grid-template-areas: "header" "nav" "main" }
  .menu { display: block; color: var(--link); cursor: pointer }
  nav { display: none; position: static; max-height: none }
  #menu:checked + nav { display: flex }
  main { padding: .5rem 1rem 3rem }
}
`;
