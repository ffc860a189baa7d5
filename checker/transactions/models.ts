/**
 * What can be wrong with transactions, by the names of Adya (Weak Consistency, 1999) and Elle (Kingsbury and
 * Alvaro, 2020), and which consistency model forbids what. All of it is data: the checker finds anomalies, this
 * table says what they mean.
 */

/** Cycles of dependencies, from the worst to the mildest. */
export const CYCLE_CLASSES = ["G0", "G1c", "G-single", "G-nonadjacent", "G2-item"] as const;
export type CycleClass = (typeof CYCLE_CLASSES)[number];

/** Which order besides the dependencies a cycle leans on. */
export type OrderLevel = "" | "-process" | "-realtime";

export type AnomalyName =
  | `${CycleClass}${OrderLevel}`
  | "G1a"
  | "G1b"
  | "internal"
  | "future-read"
  | "lost-update"
  | "duplicate-elements"
  | "incompatible-order"
  | "garbage-read";

/** What each name means, as a clause. */
export const ANOMALIES: Readonly<
  Record<Exclude<AnomalyName, `${string}-process` | `${string}-realtime`>, string>
> = {
  G0: "dirty write: transactions overwrite each other in a circle",
  G1a: "aborted read: what a failed transaction wrote was read",
  G1b: "intermediate read: what its writer itself had replaced was read",
  G1c: "circular information flow: transactions depend on each other's writes in a circle",
  "G-single":
    "read skew: a transaction saw the effects of another and missed those of one before it",
  "G-nonadjacent":
    "a circle in which no two transactions in a row missed a write, so no snapshot explains it",
  "G2-item": "write skew: transactions that missed each other's writes in a circle",
  internal: "a transaction contradicts what it read or wrote itself",
  "future-read": "a transaction read what it wrote only later",
  "lost-update": "two transactions replaced the same version, so that one of them was overlooked",
  "duplicate-elements": "an element that was appended once is there twice",
  "incompatible-order": "two reads of a list agree on no order of its elements",
  "garbage-read": "a value that nobody wrote was read",
};

const READ_UNCOMMITTED: readonly AnomalyName[] = [
  "G0",
  "duplicate-elements",
  "incompatible-order",
  "garbage-read",
];
const READ_COMMITTED: readonly AnomalyName[] = [...READ_UNCOMMITTED, "G1a", "G1b", "G1c"];
const ATOMIC: readonly AnomalyName[] = [...READ_COMMITTED, "internal", "future-read"];
const SNAPSHOT: readonly CycleClass[] = ["G0", "G1c", "G-single", "G-nonadjacent"];
const SNAPSHOT_ISOLATION: readonly AnomalyName[] = [...ATOMIC, ...SNAPSHOT, "lost-update"];
const SERIALIZABLE: readonly AnomalyName[] = [...SNAPSHOT_ISOLATION, "G2-item"];

const inProcess = <C extends CycleClass>(classes: readonly C[]) =>
  classes.map((name) => `${name}-process` as const);
const inRealtime = <C extends CycleClass>(classes: readonly C[]) =>
  classes.map((name) => `${name}-realtime` as const);

export interface ConsistencyModel {
  readonly name: string;
  readonly forbids: readonly AnomalyName[];
  readonly source: string;
}

const ADYA = "Adya, Weak Consistency (1999)";
const DAUDJEE = "Daudjee and Salem, Lazy Database Replication with Snapshot Isolation (2006)";

/** From the weakest to the strongest: whoever forbids less comes first. */
export const CONSISTENCY_MODELS = [
  { name: "read-uncommitted", forbids: READ_UNCOMMITTED, source: `${ADYA}, PL-1` },
  { name: "read-committed", forbids: READ_COMMITTED, source: `${ADYA}, PL-2` },
  { name: "read-atomic", forbids: ATOMIC, source: "Cerone, Bernardi and Gotsman (2015)" },
  { name: "consistent-view", forbids: [...ATOMIC, "G-single"], source: `${ADYA}, PL-2+` },
  {
    name: "snapshot-isolation",
    forbids: SNAPSHOT_ISOLATION,
    source: `${ADYA}, PL-SI; Cerone and Gotsman, Analysing Snapshot Isolation (2016)`,
  },
  {
    name: "strong-session-snapshot-isolation",
    forbids: [...SNAPSHOT_ISOLATION, ...inProcess(SNAPSHOT)],
    source: DAUDJEE,
  },
  {
    name: "strong-snapshot-isolation",
    forbids: [...SNAPSHOT_ISOLATION, ...inProcess(SNAPSHOT), ...inRealtime(SNAPSHOT)],
    source: DAUDJEE,
  },
  { name: "serializable", forbids: SERIALIZABLE, source: `${ADYA}, PL-3, without predicates` },
  {
    name: "strong-session-serializable",
    forbids: [...SERIALIZABLE, ...inProcess(CYCLE_CLASSES)],
    source: "Daudjee and Salem, Lazy Database Replication with Ordering Guarantees (2004)",
  },
  {
    name: "strict-serializable",
    forbids: [...SERIALIZABLE, ...inProcess(CYCLE_CLASSES), ...inRealtime(CYCLE_CLASSES)],
    source: "Papadimitriou (1979); Herlihy and Wing (1990)",
  },
] as const satisfies readonly ConsistencyModel[];

export type ModelName = (typeof CONSISTENCY_MODELS)[number]["name"];

export const MODEL_NAMES: readonly ModelName[] = CONSISTENCY_MODELS.map(({ name }) => name);

export function modelNamed(name: ModelName): ConsistencyModel {
  return CONSISTENCY_MODELS.find((model) => model.name === name)!;
}

/** The weakest models that forbid any of these: what is weaker than all of them may still hold. */
export function weakestViolated(found: readonly AnomalyName[]): ModelName[] {
  const models: readonly (ConsistencyModel & { readonly name: ModelName })[] = CONSISTENCY_MODELS;
  const violated = models.filter(({ forbids }) => found.some((name) => forbids.includes(name)));
  return violated
    .filter((model) => !violated.some((other) => other !== model && isWeaker(other, model)))
    .map(({ name }) => name);
}

function isWeaker(weak: ConsistencyModel, strong: ConsistencyModel): boolean {
  return (
    weak.forbids.length < strong.forbids.length &&
    weak.forbids.every((name) => strong.forbids.includes(name))
  );
}

/** What an anomaly means, with the order it leans on. */
export function meaningOf(name: AnomalyName): string {
  const match = /^(.*?)(?:-(process|realtime))?$/.exec(name)!;
  const meaning = (ANOMALIES as Readonly<Record<string, string>>)[match[1]!]!;
  if (match[2] === "process") return `${meaning}, against the order within a process`;
  return match[2] === "realtime" ? `${meaning}, against the order of real time` : meaning;
}
