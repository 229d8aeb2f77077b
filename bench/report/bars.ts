/**
 * Draws what something costs in times of what it is compared with: a panel for
 * each runtime, a group of bars for each case. One SVG, light or dark as the
 * reader's screen is.
 */

/** The looks of a bar, of which a picture has as many as it compares. */
const STYLES = ["first", "second"] as const;

/** What is drawn. */
export interface Picture {
  /** What the bars say. */
  readonly title: string;
  /** What each bar of a group is, in order. */
  readonly series: readonly string[];
  /** One for each runtime. */
  readonly panels: readonly Panel[];
  /** Where the figures are from. */
  readonly foot: string;
}

/** The bars of one runtime. */
export interface Panel {
  /** The runtime and its version. */
  readonly head: string;
  /** The cases. */
  readonly groups: readonly Group[];
}

/** The bars of one case. */
export interface Group {
  /** What was done. */
  readonly text: string;
  /** For each of the series a ratio; `undefined` if it was not measured. */
  readonly ratios: readonly (number | undefined)[];
}

const WIDTH = 800;
const PANEL_WIDTH = 400;
const HEAD = 24;
/** Where bars begin. */
export const LEFT = 112;
const BAR = 9;
/** The width of 1; bars end at twice that. */
export const SCALE: number = (PANEL_WIDTH - LEFT - 48) / 2;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .head { font-weight: 600; font-size: 13px }
  .small { font-size: 10px; fill: #57606a }
  .first { fill: #2f81f7 } .second { fill: #1a7f5a }
  .own { stroke: #57606a; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .own { stroke: #9198a1 }
    .first { fill: #58a6ff } .second { fill: #3fb98a }
  }
`;

/** The SVG. */
export function drawn(picture: Picture): string {
  const { title, series, panels, foot } = picture;
  const group = series.length * BAR + 12;
  const groups = Math.max(...panels.map((each) => each.groups.length));
  const panelHeight = HEAD + groups * group + 24;
  const height = 64 + Math.ceil(panels.length / 2) * panelHeight;
  const placed = panels.map((each, i) => {
    const x = (i % 2) * PANEL_WIDTH;
    const y = 56 + Math.floor(i / 2) * panelHeight;
    return `<g transform="translate(${x} ${y})">${panel(each, group)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" ` +
    `height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-label="${escaped(inWords(picture))}">`,
    `<style>${STYLE}</style>`,
    `<text class="head" x="8" y="18">${escaped(title)}</text>`,
    legend(series),
    ...placed,
    `<text class="small" x="8" y="${height - 6}">${escaped(foot)}</text>`,
    `</svg>\n`,
  ].join("\n");
}

function legend(series: readonly string[]): string {
  let x = 8;
  return series.map((name, i) => {
    const at = x;
    x += 40 + 7 * name.length;
    return `<rect class="${STYLES[i]}" x="${at}" y="30" width="10" ` +
      `height="10"/><text x="${at + 16}" y="39">${escaped(name)}</text>`;
  }).join("");
}

function panel({ head, groups }: Panel, height: number): string {
  const parts = groups.map(({ text, ratios }, i) => {
    const y = HEAD + i * height;
    const middle = y + (ratios.length * BAR) / 2 + 4;
    return `<text class="small" x="${LEFT - 8}" y="${middle}" ` +
      `text-anchor="end">${escaped(text)}</text>${bars(ratios, y)}`;
  });
  const own = LEFT + SCALE;
  return `<text class="head" x="8" y="14">${escaped(head)}</text>` +
    parts.join("") + `<line class="own" x1="${own}" x2="${own}" y1="20" ` +
    `y2="${HEAD + groups.length * height}"/>`;
}

function bars(ratios: readonly (number | undefined)[], y: number): string {
  return ratios.map((ratio, i) => {
    if (ratio === undefined) return "";
    const width = Math.min(ratio, 2) * SCALE;
    const top = y + i * (BAR + 1);
    const shown = `${ratio.toFixed(2)}${ratio > 2 ? " →" : ""}`;
    return `<rect class="${STYLES[i]}" x="${LEFT}" y="${top}" ` +
      `width="${width.toFixed(1)}" height="${BAR}"/>` +
      `<text class="small" x="${(LEFT + width + 5).toFixed(1)}" ` +
      `y="${top + BAR}">${shown}</text>`;
  }).join("");
}

/** The figures, for who does not see them. */
function inWords({ series, panels }: Picture): string {
  return panels.map(({ head, groups }) => {
    const each = groups.map(({ text, ratios }) => {
      const told = ratios.flatMap((ratio, i) =>
        ratio === undefined ? [] : [`${series[i]} ${ratio.toFixed(2)}`]
      );
      return `${text} ${told.join(" and ")}`;
    });
    return `${head}: ${each.join(", ")}`;
  }).join("; ");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
}
