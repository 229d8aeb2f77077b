/**
 * The rules that hold at the moment, and what they say of one way.
 *
 * @module
 */

import {
  BETWEEN_HOSTS,
  checkMatch,
  checkRules,
  fits,
  type LinkMatch,
  type LinkRules,
  mergeRules,
  type Rules,
  type Way,
  WITHIN_HOST,
} from "../runtime/memory/rules.ts";

/** Takes back what it was given for. May be called again; works with `using`. */
export type Undo = (() => void) & Disposable;

/** Makes an {@linkcode Undo} that works once. */
export function undoOf(back: () => void): Undo {
  let isDone = false;
  const undo = () => {
    if (!isDone) back();
    isDone = true;
  };
  return Object.assign(undo, { [Symbol.dispose]: undo });
}

interface Entry {
  isFor(way: Way): boolean;
  readonly rules: LinkRules;
  readonly isCut: boolean;
}

/** All rules of a network; later ones win, member by member. */
export class RuleBook {
  /** Counts up when anything changes. */
  version = 0;
  readonly #network: LinkRules;
  readonly #hosts: Map<string, LinkRules> = new Map();
  #entries: readonly Entry[] = [];
  readonly #known: Map<string, Rules> = new Map();
  /** What holds where nothing else was said. */
  readonly #within: Rules;
  readonly #between: Rules;

  /** `network` holds between all hosts. */
  constructor(network: LinkRules) {
    this.#network = checkRules(network);
    this.#within = mergeRules([WITHIN_HOST]);
    this.#between = mergeRules([BETWEEN_HOSTS, network]);
  }

  /** Rules of all links of a host, below those of `add`. */
  setHost(name: string, rules: LinkRules): void {
    this.#hosts.set(name, checkRules(rules));
    this.#changed();
  }

  /** Adds a rule. One that names no protocol leaves Unix paths alone. */
  add(match: LinkMatch, rules: LinkRules): Undo {
    checkMatch(match);
    const isForUnix = match.proto === "unix";
    return this.#push({
      isFor: (way) => (isForUnix || way.proto !== "unix") && fits(match, way),
      rules: checkRules(rules),
      isCut: false,
    });
  }

  /** Cuts what goes from some hosts to others. */
  cut(isFor: (from: string, to: string) => boolean): Undo {
    return this.#push({
      isFor: ({ from, to }) => from !== to && isFor(from, to),
      rules: {},
      isCut: true,
    });
  }

  /** What holds for a way. */
  of(way: Way): Rules {
    const { from, to, proto, port } = way;
    const isPlain = this.#entries.length === 0 && this.#hosts.size === 0;
    if (isPlain) return from === to ? this.#within : this.#between;
    const key = `${from}>${to}/${proto}:${port}`;
    let rules = this.#known.get(key);
    if (rules === undefined) this.#known.set(key, rules = this.#find(way));
    return rules;
  }

  #find(way: Way): Rules {
    const { from, to } = way;
    const found = this.#entries.filter((each) => each.isFor(way));
    const own = found.map(({ rules }) => rules);
    const isCut = found.some((each) => each.isCut);
    if (from === to) return mergeRules([WITHIN_HOST, ...own], isCut);
    const ofHosts = [from, to].map((host) => this.#hosts.get(host) ?? {});
    const all = [BETWEEN_HOSTS, this.#network, ...ofHosts, ...own];
    return mergeRules(all, isCut);
  }

  #push(entry: Entry): Undo {
    this.#entries = [...this.#entries, entry];
    this.#changed();
    return undoOf(() => {
      this.#entries = this.#entries.filter((each) => each !== entry);
      this.#changed();
    });
  }

  #changed(): void {
    this.version++;
    this.#known.clear();
  }
}
