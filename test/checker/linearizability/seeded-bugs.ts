/** A small bug to be put into a rule: the text that stands there once, and what to make of it. */
export interface SeededBug {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const bug = (file: string, from: string, to: string): SeededBug => ({ file, from, to });

/** Each makes the checker blind to something, or accuse somebody innocent. The tests must notice every one. */
export const SEEDED_BUGS: readonly SeededBug[] = [
  // Which operations matter.
  bug("effective.ts", "observed[values[at]!] = 1;\n    else", "observed[0] = 1;\n    else"),
  bug("effective.ts", "else if (kinds[at] === CAS) observed[expected[at]!] = 1;", ""),
  bug("effective.ts", "if (unknownCasCount > 0)", "if (unknownCasCount > 1)"),
  bug("effective.ts", "pending.push(seen);", ""),
  bug(
    "effective.ts",
    "return certain[operation] === 1 || observed",
    "return certain[operation] === 1 && observed",
  ),
  bug("effective.ts", "return certain[operation] === 1 || ", "return "),
  // Clusters.
  bug("clusters.ts", "returns[at]! < returns[first]!", "returns[at]! > returns[first]!"),
  bug("clusters.ts", "calls[at]! > calls[last]!", "calls[at]! < calls[last]!"),
  bug("clusters.ts", "else isRepeated = true;", ""),
  bug("clusters.ts", "deleteCount === 0", "deleteCount >= 0"),
  bug(
    "clusters.ts",
    "if (observer !== NONE) return violationOf",
    "if (observer === -2) return violationOf",
  ),
  bug("clusters.ts", "if (kind === REFUSED) continue;", ""),
  // Chains.
  bug(
    "chains.ts",
    "if (returns[writer]! < s) return violationOf",
    "if (returns[writer]! < 0) return violationOf",
  ),
  bug(
    "chains.ts",
    "if (returns[first]! < s) return violationOf",
    "if (returns[first]! < 0) return violationOf",
  ),
  bug("chains.ts", "if (returns[first]! < f) f", "if (returns[first]! > f) f"),
  bug("chains.ts", "if (calls[last]! > s) s", "if (calls[last]! < s) s"),
  bug("chains.ts", "if (returns[writer]! < f) f", "if (false) f"),
  bug("chains.ts", "if (calls[writer]! > s) s", "if (false) s"),
  bug("chains.ts", "writer = consumers[value]!;", "writer = NONE;"),
  bug("chains.ts", "if (chained < writerCount) return", "if (chained < 0) return"),
  bug("chains.ts", "return begins && isEffective(columns, observed, operation);", "return begins;"),
  // Zones.
  bug("zones.ts", "f[next]! < s[current]!", "f[next]! < f[current]!"),
  bug(
    "zones.ts",
    "if (f[chain]! < s[chain]!) zones[f[chain]! + 1] = chain;",
    "zones[f[chain]! + 1] = chain;",
  ),
  bug("zones.ts", "f[chain]! < s[around]!", "f[chain]! < f[around]!"),
  bug("zones.ts", "zones[s[chain]!]!;", "zones[f[chain]!]!;"),
  bug("zones.ts", "if (f[chain]! < s[chain]!) continue;", "continue;"),
  bug("zones.ts", "if (observed[ABSENT] === 1 || hasDeletes)", "if (hasDeletes)"),
  bug("zones.ts", "if (observed[ABSENT] === 1 || hasDeletes)", "if (observed[ABSENT] === 1)"),
  bug("zones.ts", "if (hasRefusal(columns)) {", "if (false) {"),
  bug("zones.ts", "possible[ABSENT] = 1;", ""),
  bug(
    "zones.ts",
    "if (kinds[at] === WRITE || kinds[at] === CAS) possible",
    "if (kinds[at] === WRITE) possible",
  ),
  // Absence.
  bug("absence.ts", "point < s[zone]! ? zone : NONE", "point < f[zone]! ? zone : NONE"),
  bug("absence.ts", "if (start > end) return", "if (start < 0) return"),
  bug(
    "absence.ts",
    "needs.befores.push(mustPrecede.best[calls[at]!]!);",
    "needs.befores.push(NONE);",
  ),
  bug("absence.ts", "best === chain ? mustPrecede.second[s[chain]!]! : best", "best"),
  bug(
    "absence.ts",
    "best === chain ? mustPrecede.second[s[chain]!]! : best",
    "mustPrecede.second[s[chain]!]!",
  ),
  bug("absence.ts", "s[chain]! > s[first]!", "s[chain]! < s[first]!"),
  bug("absence.ts", "starts[byStart[next]!]! <= until", "starts[byStart[next]!]! >= until"),
  bug("absence.ts", "last = Math.max(last, available.pop());", "available.pop();"),
  bug("absence.ts", "if (last >= after) continue;", ""),
  bug(
    "absence.ts",
    "if (available.size === 0) return need;",
    "if (available.size === 0) continue;",
  ),
  bug("absence.ts", "last = until;", "last = after;"),
  // Times: a call stands before a return of the same time.
  bug(
    "columns.ts",
    "Number(a >= size) - Number(b >= size)",
    "Number(b >= size) - Number(a >= size)",
  ),
  bug("columns.ts", "starts[keys[at]! + 1]!++", "starts[keys[at]!]!++"),
  // The search.
  bug(
    "search.ts",
    "Number(a >= size) - Number(b >= size)",
    "Number(b >= size) - Number(a >= size)",
  ),
  bug(
    "search.ts",
    "node < this.#size; node = this.#next[node]!) {\n      candidates",
    "node < this.#size - 1; node = this.#next[node]!) {\n      candidates",
  ),
  bug("search.ts", "if (isObserver[operation] && model.step", "if (model.step"),
  bug("search.ts", "open.restore(operation);\n", ""),
  bug("search.ts", "guide?.lifted(operation);", ""),
  bug("search.ts", "memo.toggle(operation);\n    guide?.lifted", "guide?.lifted"),
  bug("search.ts", "states.some((seen) => this.#equal(seen, state))", "states.length > 0"),
  bug("search.ts", "open.certainCount > 0", "open.certainCount > 1"),
  bug("register.ts", "(writersLeft.get(before) ?? 0) === 0", "(writersLeft.get(before) ?? 0) <= 1"),
  bug("register.ts", "before !== after &&", ""),
  bug("register.ts", "return state === expected ? value : undefined;", "return value;"),
  bug("register.ts", "return state === expected ? undefined : state;", "return state;"),
  bug("register.ts", 'if (kind === "cas" && isCertain) add', 'if (kind === "cas") add'),
  bug("judge-key.ts", "columns.kinds.includes(REFUSED)", "false"),
];
