import { elsewhereText, expandKinds, isCarriedBy, type Kind, KINDS } from "../../nemesis/kinds.ts";
import type { NodesLane, OwnLane } from "../../nemesis/own-lane.ts";
import { parseSchedule, type Schedule } from "../../nemesis/schedule.ts";
import type { Surroundings } from "../../nemesis/target.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { ConfigError, UsageError } from "../base/errors.ts";
import { checkFault } from "../system/check-fault.ts";
import { type HookedFault, isHooked, type OwnFault } from "../system/own-fault.ts";
import type { System } from "../system/system.ts";

export interface Faults {
  /** Built-in kinds, in lane order. */
  readonly kinds: readonly Kind[];
  /** Of the user's own, those that are drawn. */
  readonly lanes: readonly OwnLane[];
}

type Asked = readonly (string | OwnFault)[];

/** All faults of the user's own that a run could have: those of the system, and those that were given as values. */
export function ownFaultsOf({ faults = [] }: Pick<System, "faults">, asked: Asked): OwnFault[] {
  const given = asked.flatMap((item) => {
    if (typeof item === "string") return [];
    return checkFault(item, (sentence) => {
      throw new UsageError(`nemesis: ${sentence}`);
    });
  });
  const ofSystem = faults.flatMap((item) => (typeof item === "string" ? [] : item));
  const all = [...new Set([...ofSystem, ...given])];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`two faults are called "${twice}"`);
  return all;
}

/** What a list stands for: kinds, names of own faults, such faults themselves; "all" has those of the system, too. */
export function expandFaults(
  asked: Asked,
  known: readonly OwnFault[],
  surroundings: Surroundings,
): Faults {
  const words = asked.flatMap((item) =>
    typeof item === "string" ? item.split(",").map((word) => word.trim()) : [],
  );
  const isOwn = (word: string): boolean => known.some(({ name }) => name === word);
  const isHere = (fault: OwnFault): boolean => !isHooked(fault) || isCarriedBy(surroundings, "own");
  const named = known.filter((fault) => words.includes(fault.name) || asked.includes(fault));
  if (!named.every(isHere)) throw new UsageError(elsewhereText("own"));
  const wanted = known.filter(
    (fault) => named.includes(fault) || (words.includes("all") && isHere(fault)),
  );
  const others = words.filter((word) => !isOwn(word));
  for (const word of others) refuseNearMiss(word, known);
  return {
    kinds: expandKinds(others, surroundings),
    lanes: wanted.map(laneOf),
  };
}

/** A built-in kind that there is not may be meant for one of the user's own. */
function refuseNearMiss(word: string, known: readonly OwnFault[]): void {
  if (KINDS.some(({ name }) => name === word)) return;
  const meant = didYouMean(
    word,
    known.map(({ name }) => name),
  );
  if (meant !== "") throw new UsageError(`unknown kind of fault "${word}"${meant}`);
}

function laneOf(own: OwnFault): OwnLane {
  const { name } = own;
  const place = `the fault ${name}`;
  if (isHooked(own)) return nodesLane(own, place);
  const { faults } = parseSchedule({ faults: own.faults }, place);
  const parts = faults.map((entry, i) => {
    const { fault, forMs } = entry;
    if (!("atMs" in entry) || forMs === null) {
      throw new ConfigError(
        `${place}: faults[${i}]: write when it begins (at) and how long it lasts (for)`,
      );
    }
    return { afterMs: entry.atMs, forMs, fault };
  });
  return { name, parts };
}

/** Its nodes are read as those of a schedule file are. */
function nodesLane({ name, text, nodes }: HookedFault, place: string): NodesLane {
  const written = { type: "own", name, text, ...(nodes === undefined ? {} : { nodes }) };
  const { faults } = parseSchedule({ faults: [{ at: 0, fault: written }] }, place);
  const [fault] = faults.map((entry) => entry.fault);
  return {
    name,
    text,
    nodes: nodes !== undefined && fault?.type === "own" ? fault.nodes : undefined,
  };
}

/** Complains of faults in a schedule that nobody has defined. */
export function checkOwnNames(
  { faults }: Schedule,
  known: readonly OwnFault[],
  fileName: string,
): void {
  const names = known.filter(isHooked).map(({ name }) => name);
  for (const [i, { fault }] of faults.entries()) {
    if (fault.type !== "own" || names.includes(fault.name)) continue;
    const defined =
      names.length === 0 ? "; the system defines none" : `; there are ${names.join(", ")}`;
    throw new ConfigError(
      `${fileName}: faults[${i}].fault: there is no fault "${fault.name}"${didYouMean(fault.name, names) || defined}`,
    );
  }
}
