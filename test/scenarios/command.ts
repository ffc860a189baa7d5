import { parseDurationMs } from "../../src/base/duration.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import type { MembershipChange } from "../../node/raft/configuration.ts";
import { CLIENTS } from "../../nemesis/target.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import type { Deviation, MessagePattern } from "../../src/sim/deviation.ts";
import { MESSAGE_KINDS, type MessageKind } from "../../src/sim/message.ts";

/** One line of a story. */
export type Command =
  | SetUp
  | { readonly type: "wait"; readonly until: Condition }
  | { readonly type: "tick"; readonly ms: number }
  | { readonly type: "partition"; readonly groups: readonly (readonly NodeId[])[] }
  | { readonly type: "cut"; readonly from: NodeNames; readonly to: NodeNames }
  | { readonly type: "heal" }
  | { readonly type: "kill" | "start" | "pause" | "resume"; readonly nodes: NodeNames }
  | { readonly type: "timeout"; readonly node: NodeId }
  | { readonly type: "jump"; readonly node: NodeId; readonly byMs: number }
  | { readonly type: "run-clock"; readonly node: NodeId; readonly rate: number }
  | Ask
  | { readonly type: "state" }
  | { readonly type: "log"; readonly nodes: NodeNames };

/** What is so from the beginning; only in the first block. */
export type SetUp =
  | { readonly type: "cluster"; readonly size: number }
  | {
      readonly type: "has-log";
      readonly node: NodeId;
      readonly terms: readonly number[];
      readonly term: number;
    }
  | { readonly type: "compaction"; readonly entries: number }
  | { readonly type: "leases" }
  | { readonly type: "deviation"; readonly deviation: Deviation };

const SET_UP: readonly Command["type"][] = [
  "cluster",
  "has-log",
  "compaction",
  "leases",
  "deviation",
];

export type NodeNames = "all" | readonly NodeId[];

export type Condition =
  | { readonly type: "leader" }
  | { readonly type: "leads" | "follows" | "caught-up"; readonly node: NodeId }
  | { readonly type: "answered" };

export type Outcome = "ok" | "fail" | "info";

/** A client asks a node. `isAwaited`: the story goes on when the answer is there, or the client's patience is over. */
export interface Ask {
  readonly type: "ask";
  readonly text: string;
  readonly question: Question;
  readonly node: NodeId;
  readonly isAwaited: boolean;
  readonly expected: Outcome | undefined;
}

export type Question =
  | { readonly type: "read"; readonly key: string }
  | {
      readonly type: "write";
      readonly key: string;
      readonly value: string;
      readonly client: string | undefined;
    }
  | { readonly type: "register" | "retry"; readonly client: string }
  | { readonly type: "change"; readonly change: MembershipChange }
  | { readonly type: "transfer"; readonly to: NodeId };

interface Form {
  /** As the README lists it; words in capitals stand for what is to be filled in. */
  readonly form: string;
  readonly pattern: RegExp;
  /** Undefined where what is filled in makes no sense. */
  readonly read: (words: readonly string[]) => Command | undefined;
}

export function isSetUp(command: Command): command is SetUp {
  return SET_UP.includes(command.type);
}

export const FORMS: readonly Form[] = [
  {
    form: "cluster SIZE",
    pattern: /^cluster ([1-9])$/,
    read: ([size]) => ({ type: "cluster", size: Number(size) }),
  },
  {
    form: "NODE has log TERMS in term TERM",
    pattern: /^(n\d) has log ((?:\d+ )+)in term (\d+)$/,
    read: ([node = "", terms = "", term]) => ({
      type: "has-log",
      node,
      terms: terms.trim().split(" ").map(Number),
      term: Number(term),
    }),
  },
  {
    form: "snapshot every N entries",
    pattern: /^snapshot every ([1-9]\d*) entries$/,
    read: ([entries]) => ({ type: "compaction", entries: Number(entries) }),
  },
  { form: "reads by lease", pattern: /^reads by lease$/, read: () => ({ type: "leases" }) },
  {
    form: "slow disk NODE",
    pattern: /^slow disk (n\d)$/,
    read: ([node = ""]) => chance("sync", node, 1),
  },
  {
    form: "tearing disk NODE",
    pattern: /^tearing disk (n\d)$/,
    read: ([node = ""]) => chance("torn write", node, 0.5),
  },
  {
    form: "drop KIND NODE -> NODE [term TERM] [index INDEX] [number N]",
    pattern: /^drop (\S+) (\S+) -> (\S+?)((?: (?:term|index|number) \d+)*)$/,
    read: (words) => {
      const message = readPattern(words);
      return message && { type: "deviation", deviation: { type: "drop", message } };
    },
  },
  {
    form: "duplicate KIND NODE -> NODE [term TERM] [index INDEX] [number N]",
    pattern: /^duplicate (\S+) (\S+) -> (\S+?)((?: (?:term|index|number) \d+)*)$/,
    read: (words) => {
      const message = readPattern(words);
      return message && { type: "deviation", deviation: { type: "duplicate", message } };
    },
  },
  {
    form: "delay KIND NODE -> NODE [term TERM] [index INDEX] [number N] by DURATION",
    pattern: /^delay (\S+) (\S+) -> (\S+?)((?: (?:term|index|number) \d+)*) by (\S+)$/,
    read: (words) => {
      const message = readPattern(words);
      const byMs = parseDurationMs(words[4] ?? "", "ms");
      if (message === undefined || byMs === undefined) return undefined;
      return { type: "deviation", deviation: { type: "delay", message, byMs } };
    },
  },
  {
    form: "wait until leader",
    pattern: /^wait until leader$/,
    read: () => ({ type: "wait", until: { type: "leader" } }),
  },
  {
    form: "wait until NODE leads",
    pattern: /^wait until (n\d) leads$/,
    read: ([node = ""]) => ({ type: "wait", until: { type: "leads", node } }),
  },
  {
    form: "wait until NODE follows",
    pattern: /^wait until (n\d) follows$/,
    read: ([node = ""]) => ({ type: "wait", until: { type: "follows", node } }),
  },
  {
    form: "wait until NODE has caught up",
    pattern: /^wait until (n\d) has caught up$/,
    read: ([node = ""]) => ({ type: "wait", until: { type: "caught-up", node } }),
  },
  {
    form: "wait until answered",
    pattern: /^wait until answered$/,
    read: () => ({ type: "wait", until: { type: "answered" } }),
  },
  {
    form: "tick DURATION",
    pattern: /^tick (\S+)$/,
    read: ([duration = ""]) => {
      const ms = parseDurationMs(duration, "ms");
      return ms === undefined ? undefined : { type: "tick", ms };
    },
  },
  {
    form: "partition NODES | NODES",
    pattern: /^partition (n\d(?: n\d)*(?: \| n\d(?: n\d)*)+)$/,
    read: ([groups = ""]) => ({
      type: "partition",
      groups: groups.split(" | ").map((group) => group.split(" ")),
    }),
  },
  {
    form: "cut NODES -> NODES",
    pattern: /^cut (all|n\d(?: n\d)*) -> (all|n\d(?: n\d)*)$/,
    read: ([from = "", to = ""]) => ({ type: "cut", from: readNodes(from), to: readNodes(to) }),
  },
  { form: "heal", pattern: /^heal$/, read: () => ({ type: "heal" }) },
  ...(["kill", "start", "pause", "resume"] as const).map((type) => ({
    form: `${type} NODES`,
    pattern: new RegExp(`^${type} (all|n\\d(?: n\\d)*)$`),
    read: ([nodes = ""]: readonly string[]): Command => ({ type, nodes: readNodes(nodes) }),
  })),
  {
    form: "timeout NODE now",
    pattern: /^timeout (n\d) now$/,
    read: ([node = ""]) => ({ type: "timeout", node }),
  },
  {
    form: "clock of NODE runs at RATE",
    pattern: /^clock of (n\d) runs at (\d+(?:\.\d+)?)$/,
    read: ([node = "", rate]) => ({ type: "run-clock", node, rate: Number(rate) }),
  },
  {
    form: "clock of NODE jumps DURATION",
    pattern: /^clock of (n\d) jumps (\S+)$/,
    read: ([node = "", duration = ""]) => {
      const byMs = parseDurationMs(duration, "ms");
      return byMs === undefined ? undefined : { type: "jump", node, byMs };
    },
  },
  {
    form: "[send] read KEY at NODE [expect OUTCOME]",
    pattern: /^(send )?(read (\w+) at (n\d))(?: expect (ok|fail|info))?$/,
    read: ([send, text = "", key = "", node = "", expected]) =>
      ask({ send, text, node, expected, question: { type: "read", key } }),
  },
  {
    form: "[send] write KEY VALUE at NODE [as CLIENT] [expect OUTCOME]",
    pattern: /^(send )?(write (\w+) (\w+) at (n\d)(?: as (\w+))?)(?: expect (ok|fail|info))?$/,
    read: ([send, text = "", key = "", value = "", node = "", client, expected]) =>
      ask({ send, text, node, expected, question: { type: "write", key, value, client } }),
  },
  {
    form: "register CLIENT at NODE",
    pattern: /^(register (\w+) at (n\d))$/,
    read: ([text = "", client = "", node = ""]) =>
      ask({ text, node, expected: "ok", question: { type: "register", client } }),
  },
  {
    form: "[send] retry CLIENT at NODE [expect OUTCOME]",
    pattern: /^(send )?(retry (\w+) at (n\d))(?: expect (ok|fail|info))?$/,
    read: ([send, text = "", client = "", node = "", expected]) =>
      ask({ send, text, node, expected, question: { type: "retry", client } }),
  },
  ...(["add", "promote", "remove"] as const).map((verb) => ({
    form: `[send] ${verb} MEMBER at NODE [expect OUTCOME]`,
    pattern: new RegExp(`^(send )?(${verb} (n\\d) at (n\\d))(?: expect (ok|fail|info))?$`),
    read: ([send, text = "", member = "", node = "", expected]: readonly string[]): Command => {
      const type = verb === "add" ? "add-learner" : verb;
      const question = { type: "change", change: { type, node: member } } as const;
      return ask({ send, text, node, expected, question });
    },
  })),
  {
    form: "[send] transfer leadership to NODE at NODE [expect OUTCOME]",
    pattern: /^(send )?(transfer leadership to (n\d) at (n\d))(?: expect (ok|fail|info))?$/,
    read: ([send, text = "", to = "", node = "", expected]) =>
      ask({ send, text, node, expected, question: { type: "transfer", to } }),
  },
  { form: "state", pattern: /^state$/, read: () => ({ type: "state" }) },
  {
    form: "log NODES",
    pattern: /^log (all|n\d(?: n\d)*)$/,
    read: ([nodes = ""]) => ({ type: "log", nodes: readNodes(nodes) }),
  },
];

/** The command that a line states, or one sentence about what it should be. */
export function readCommand(text: string): Command | string {
  for (const { form, pattern, read } of FORMS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    // A group that took no part in the match is undefined, whatever the type says.
    return read(match.slice(1)) ?? `"${text}" should be: ${form}`;
  }
  const word = text.split(" ")[0] ?? "";
  const near = FORMS.filter(({ form }) => form.replace("[send] ", "").startsWith(`${word} `));
  if (near.length > 0) return `"${text}" should be: ${near.map(({ form }) => form).join(" or: ")}`;
  const words = FORMS.map(({ form }) => form.replace("[send] ", "").split(" ")[0] ?? "");
  return `"${text}" is no command${didYouMean(word, words) || " (the README lists them)"}`;
}

function readNodes(text: string): NodeNames {
  return text === "all" ? "all" : text.split(" ");
}

function chance(of: "sync" | "torn write", node: NodeId, value: number): SetUp {
  return { type: "deviation", deviation: { type: "chance", of, node, value } };
}

function readPattern(words: readonly string[]): MessagePattern | undefined {
  const [kind = "", from = "", to = "", marks = ""] = words;
  const mark = (name: string): number | undefined => {
    const match = new RegExp(` ${name} (\\d+)`).exec(marks);
    return match === null ? undefined : Number(match[1]);
  };
  if (!isMessageKind(kind) || !isEnd(from) || !isEnd(to)) return undefined;
  const [term, index, occurrence] = [mark("term"), mark("index"), mark("number")];
  return {
    kind,
    ...(from !== "any" && { from }),
    ...(to !== "any" && { to }),
    ...(term !== undefined && { term }),
    ...(index !== undefined && { index }),
    ...(occurrence !== undefined && { occurrence }),
  };
}

const isMessageKind = (text: string): text is MessageKind =>
  (MESSAGE_KINDS as readonly string[]).includes(text);

const isEnd = (text: string): boolean => text === "any" || text === CLIENTS || /^n\d$/.test(text);

function ask({
  send,
  text,
  question,
  node,
  expected,
}: {
  readonly send?: string | undefined;
  readonly text: string;
  readonly question: Question;
  readonly node: NodeId;
  readonly expected: string | undefined;
}): Ask {
  return {
    type: "ask",
    text,
    question,
    node,
    isAwaited: send === undefined,
    expected: expected as Outcome | undefined,
  };
}
