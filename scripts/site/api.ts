/**
 * What the pages that `deno doc` makes lack on a telephone, where their head is
 * as wide as its parts, and all below as wide as the head.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** Added to the style of its pages: what does not fit wraps, or scrolls. */
const NARROW = `
@media (max-width: 1023px) {
  .ddoc > div {
    flex: 1 1 0;
    min-width: 0;
  }
  #topnav, #topnav > div {
    height: auto;
  }
  #topnav > div {
    flex-wrap: wrap;
    row-gap: 0.5rem;
    padding-bottom: 0.5rem;
  }
  #topnav > div > div, .ddoc ul {
    flex-wrap: wrap;
    min-width: 0;
    max-width: 100%;
  }
  #searchbar {
    min-width: 0;
    max-width: 100%;
  }
  .ddoc main {
    overflow-wrap: anywhere;
  }
  .ddoc main, .ddoc main * {
    min-width: 0;
  }
  .ddoc pre, .ddoc table {
    display: block;
    max-width: 100%;
    overflow-x: auto;
  }
}
`;

/** Lets the pages in a folder that `deno doc --html` wrote fit any screen. */
export function fitToScreens(folder: string): void {
  appendFileSync(join(folder, "page.css"), NARROW);
}
