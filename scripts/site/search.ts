/**
 * The search of the guide: an index made with the site, and what looks in it in
 * the reader's browser. It works from a folder, too, without a server.
 *
 * @module
 */

import type { Page } from "./pages.ts";

/** The index, as a program that defines it. */
export function searchIndex(pages: readonly Page[]): string {
  const entries = pages.flatMap(({ path, title, sections }) =>
    sections.map((section) => ({
      link: path + section.anchor,
      page: title,
      title: section.title,
      text: section.text,
    }))
  );
  return `const SEARCH_INDEX = ${JSON.stringify(entries)};\n`;
}

/** What a word is worth where it is found. */
export const SEARCH = `"use strict";
const field = document.getElementById("search");
const list = document.getElementById("found");

function search(query) {
  const words = query.toLowerCase().split(/\\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return SEARCH_INDEX
    .map((entry) => ({ entry, worth: worthOf(entry, words) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth)
    .slice(0, 12)
    .map(({ entry }) => entry);
}

function worthOf({ title, page, text }, words) {
  let sum = 0;
  for (const word of words) {
    const inTitle = title.toLowerCase().includes(word) ? 10 : 0;
    const inPage = page.toLowerCase().includes(word) ? 3 : 0;
    const inText = Math.min(5, text.toLowerCase().split(word).length - 1);
    if (inTitle + inPage + inText === 0) return 0;
    sum += inTitle + inPage + inText;
  }
  return sum;
}

function excerpt(text, query) {
  const [word = ""] = query.toLowerCase().split(/\\s+/).filter(Boolean);
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return (at > 0 ? "…" : "") + text.slice(at, at + 140);
}

function show() {
  const found = search(field.value);
  list.hidden = field.value.trim() === "";
  list.replaceChildren(...found.map(({ link, page, title, text }) => {
    const item = document.createElement("li");
    const anchor = document.createElement("a");
    anchor.href = UP + link;
    anchor.textContent = title === page ? title : page + ": " + title;
    const small = document.createElement("small");
    small.textContent = excerpt(text, field.value);
    anchor.append(small);
    item.append(anchor);
    return item;
  }));
  if (found.length === 0) list.textContent = "Nothing found.";
}

field.addEventListener("input", show);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") field.value = "";
  if (event.key === "Enter") list.querySelector("a")?.click();
  if (event.key === "Escape") show();
});
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === field) return;
  event.preventDefault();
  field.focus();
});
`;
