import type {
  RegisterOperation,
  Value,
} from "../../../checker/linearizability/register-operation.ts";
import type { Prng } from "../../../src/base/prng.ts";

export interface Mix {
  readonly size: number;
  readonly processes: number;
  /** Share of operations without an answer. */
  readonly unknown: number;
  readonly kinds: readonly RegisterOperation["kind"][];
  /** Values come from so few that they repeat; undefined: every value is written once. */
  readonly repeatedValues?: number;
}

type Draft = { -readonly [Field in keyof RegisterOperation]: RegisterOperation[Field] };

/** A history that is linearizable by construction: operations take effect on a real register. */
export function randomHistory(prng: Prng, mix: Mix): RegisterOperation[] {
  const drafts: Draft[] = [];
  const open: { draft: Draft; isDone: boolean }[] = [];
  let state: Value = null;
  let clock = 0;
  let written = 0;

  function begin(): void {
    const kind = prng.pick(mix.kinds);
    const fresh =
      mix.repeatedValues === undefined
        ? `v${written++}`
        : `v${prng.int(0, mix.repeatedValues - 1)}`;
    const guess = prng.chance(0.7) || drafts.length === 0 ? state : prng.pick(drafts).value;
    const draft: Draft = {
      kind,
      value: kind === "delete" || kind === "refused" ? null : fresh,
      expected: kind === "cas" || kind === "refused" ? guess : null,
      call: clock++,
      return: Infinity,
      isCertain: false,
      id: drafts.length,
    };
    if (kind === "cas" && draft.expected === draft.value) draft.kind = "write";
    if (draft.kind === "write" || draft.kind === "delete") draft.expected = null;
    drafts.push(draft);
    open.push({ draft, isDone: false });
  }

  function takeEffect(entry: { draft: Draft; isDone: boolean }): void {
    const { draft } = entry;
    entry.isDone = true;
    if (draft.kind === "refused" && draft.expected === state) {
      // It succeeded after all.
      draft.kind = "cas";
      draft.value = `v${written++}`;
      state = draft.value;
    } else if (draft.kind === "refused") return;
    else if (draft.kind === "read") draft.value = state;
    else if (draft.kind === "cas" && draft.expected !== state) {
      draft.kind = "read";
      draft.value = state;
      draft.expected = null;
    } else state = draft.value;
  }

  function complete(position: number): void {
    const [entry] = open.splice(position, 1);
    if (!entry) return;
    const { draft } = entry;
    if (prng.chance(mix.unknown)) {
      // Its effect, if it has not come yet, may come at any later time; here it never does.
      return;
    }
    if (!entry.isDone) takeEffect(entry);
    draft.isCertain = true;
    draft.return = clock++;
  }

  while (drafts.length < mix.size || open.length > 0) {
    const canBegin = drafts.length < mix.size && open.length < mix.processes;
    if (canBegin && (open.length === 0 || prng.chance(0.5))) begin();
    else {
      const position = prng.int(0, open.length - 1);
      const entry = open[position]!;
      if (!entry.isDone && prng.chance(0.5)) takeEffect(entry);
      else complete(position);
    }
  }
  return finish(drafts);
}

/** The same history with one answer or one interval changed: usually not linearizable any more. */
export function breakOnce(prng: Prng, history: readonly RegisterOperation[]): RegisterOperation[] {
  if (history.length === 0) return [];
  const broken = history.map((one) => ({ ...one })) as Draft[];
  const one = prng.pick(broken);
  const other = prng.chance(0.1) ? { ...one, value: "from nowhere" } : prng.pick(broken);
  if (one.kind === "read" || one.kind === "refused" || prng.chance(0.4)) {
    if (one.kind === "read") one.value = other.value;
    else if (one.kind === "refused") one.expected = other.value;
    else if (one.kind === "cas" && other.value !== one.value) one.expected = other.value;
  } else if (one.isCertain) {
    // Moved in time: its interval shrinks to one of its ends, or goes where another one was.
    const at = prng.pick([one.call, one.return, other.call]);
    one.call = at;
    one.return = at;
  } else {
    one.isCertain = true;
    one.return = one.call + 1;
  }
  return finish(broken.filter((draft) => draft.kind !== "cas" || draft.expected !== draft.value));
}

/** Observers without an answer claim nothing. */
function finish(drafts: readonly Draft[]): RegisterOperation[] {
  return drafts.filter(
    ({ kind, isCertain }) => isCertain || (kind !== "read" && kind !== "refused"),
  );
}
