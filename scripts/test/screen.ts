/**
 * Lines of several suites on one screen, and how far each of them is.
 *
 * @module
 */

/** How often progress is told where a line cannot be rewritten. */
const TELL_MS = 15_000;
/** How often it is told where it can. */
const REWRITE_MS = 500;

/** Prints lines, and below them, or now and then, a line of progress. */
export class Screen {
  readonly #progress: () => string;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #rewrites: boolean = process.stdout.isTTY === true;
  #last = "";

  /** `progress` gives the line of progress, as it is at that moment. */
  constructor(progress: () => string) {
    this.#progress = progress;
    const everyMs = this.#rewrites ? REWRITE_MS : TELL_MS;
    this.#timer = setInterval(() => this.#tell(), everyMs);
  }

  /** Prints a line, after the name of who says it if several may. */
  print(line: string, who?: string): void {
    const shown = who === undefined ? line : `${who.padEnd(9)} | ${line}`;
    if (!this.#rewrites) return console.log(shown);
    process.stdout.write(`\r\x1b[K${shown}\n${this.#last}`);
  }

  /** No more progress. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#rewrites) process.stdout.write("\r\x1b[K");
    this.#last = "";
  }

  #tell(): void {
    const line = this.#progress();
    if (line === this.#last) return;
    this.#last = line.slice(0, process.stdout.columns ?? line.length);
    if (this.#rewrites) process.stdout.write(`\r\x1b[K${this.#last}`);
    else console.log(line);
  }
}
