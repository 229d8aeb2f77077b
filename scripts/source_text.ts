/**
 * Just enough of a lexer to ask a TypeScript file what it imports and which
 * names it uses, without believing its comments and strings.
 *
 * @module
 */

/** A string literal and where it stands. */
export interface Literal {
  /** What stands between the quotes. */
  readonly text: string;
  /** Its line, counted from 1. */
  readonly line: number;
  /** The code before it on the same statement, without comments. */
  readonly before: string;
}

/** A file without its comments and with its strings taken out. */
export interface Source {
  /** The code; comments and what strings hold are spaces, lines are kept. */
  readonly code: string;
  /** The strings. */
  readonly literals: readonly Literal[];
}

const TOKEN = new RegExp(
  [
    /\/\/[^\n]*/, // a line comment
    /\/\*[^]*?\*\//, // a block comment
    /"(?:[^"\\\n]|\\[^])*"/, // strings
    /'(?:[^'\\\n]|\\[^])*'/,
    /`(?:[^`\\]|\\[^])*`/, // a template; what it computes stays
    // A regular expression stands where no operand can have ended.
    /(?<=(?:^|[=(,:;!&|?{}[\n]|\breturn|=>)\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/,
  ].map((each) => each.source).join("|"),
  "g",
);

/** Takes comments and strings out of a TypeScript file. */
export function readSource(text: string): Source {
  const literals: Literal[] = [];
  let code = "";
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    code += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (/^["']/.test(match[0])) {
      literals.push({
        text: match[0].slice(1, -1),
        line: code.split("\n").length,
        before: code.slice(code.lastIndexOf(";") + 1),
      });
    }
    code += emptied(match[0]);
  }
  return { code: code + text.slice(end), literals };
}

function emptied(token: string): string {
  if (/^["']/.test(token)) return '""';
  if (!token.startsWith("`")) return blank(token);
  return token
    .split(/(\$\{[^}]*\})/)
    .map((part, i) => i % 2 === 1 ? part : blank(part))
    .join("");
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** One import or re-export. */
export interface Import {
  /** What it names, such as `"./errors.ts"`. */
  readonly specifier: string;
  /** Its line, counted from 1. */
  readonly line: number;
  /** Whether nothing of it is left at run time. */
  readonly isType: boolean;
}

/** Everything that a file imports or re-exports, also by `import()`. */
export function importsOf(source: Source): Import[] {
  return source.literals.flatMap(({ text, line, before }) => {
    const words = /\b(import|export)\b([^]*)$/.exec(lastStatement(before));
    const rest = words?.[2]?.trim() ?? "";
    const isImport = words !== null &&
      (rest === "" || rest === "(" || /\bfrom$/.test(rest));
    if (!isImport) return [];
    const isType = /^type\b/.test(rest) || onlyTypes(rest);
    return [{ specifier: text, line, isType }];
  });
}

/** `{ type A, type B } from` leaves nothing to run. */
function onlyTypes(clause: string): boolean {
  const names = /^\{([^]*)\}\s*from$/.exec(clause)?.[1]?.split(",") ?? [];
  const named = names.map((each) => each.trim()).filter((each) => each !== "");
  return named.length > 0 && named.every((each) => /^type\s/.test(each));
}

function lastStatement(before: string): string {
  const start = Math.max(
    before.lastIndexOf("import"),
    before.search(/\bexport\b(?![^]*\bexport\b)/),
  );
  return start < 0 ? "" : before.slice(start);
}
