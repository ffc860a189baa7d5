import type { ListedOperation } from "../sim/deviation.ts";
import { DEFAULT_SIM_OPTIONS } from "../sim/options.ts";
import type { TestPlan } from "../store/plan.ts";
import { withoutNode } from "./fewer-nodes.ts";
import { earlier, mapMoments, momentsOf } from "./moments.ts";
import type { Search } from "./search.ts";
import { renumbered, simplerDeviations } from "./simpler-deviation.ts";
import { simplerEntries } from "./simpler-fault.ts";
import { rounder } from "./simpler-numbers.ts";
import { sizeOf } from "./size.ts";

/** What is left made plainer: fewer nodes, shorter faults, earlier and rounder moments, values from 1. */
export function simplify(search: Search): void {
  dropNodes(search);
  usualWorld(search);
  simplifyFaults(search);
  // Of what is not nearly shrunk yet, nobody reads every moment.
  if (sizeOf(search.plan).events > EACH_MAX) return;
  simplifyDeviations(search);
  mergeClients(search);
  closeGaps(search);
  roundMoments(search);
  renumber(search);
  search.tighten();
}

const EACH_MAX = 150;

function dropNodes(search: Search): void {
  const others = function* (): Iterable<TestPlan> {
    const { plan } = search;
    if (plan.nodeCount === 1) return;
    for (let number = plan.nodeCount - 1; number >= 0; number--) yield withoutNode(plan, number);
  };
  while (search.tryFirst(others()));
}

/** The simulated world as it is by default: as a whole, or in as many respects as can be. */
function usualWorld(search: Search): void {
  if (search.try({ ...search.plan, sim: DEFAULT_SIM_OPTIONS })) return;
  for (const [name, usual] of Object.entries(DEFAULT_SIM_OPTIONS)) {
    const { sim = DEFAULT_SIM_OPTIONS } = search.plan;
    const isUsual = JSON.stringify(sim[name as keyof typeof sim]) === JSON.stringify(usual);
    if (!isUsual) search.try({ ...search.plan, sim: { ...sim, [name]: usual } });
  }
}

function simplifyFaults(search: Search): void {
  simplifyEach(() => search.plan.schedule.faults, simplerEntries, search.tryFaults);
}

function simplifyDeviations(search: Search): void {
  simplifyEach(() => search.plan.deviations ?? [], simplerDeviations, search.tryDeviations);
}

/** Each in its place, as long as something simpler does. */
function simplifyEach<T>(
  list: () => readonly T[],
  simpler: (item: T) => readonly T[],
  holds: (list: readonly T[]) => boolean,
): void {
  for (let i = 0; i < list().length; i++) {
    const isSimpler = (): boolean => {
      const now = list();
      return simpler(now[i]!).some((item) => holds(now.with(i, item)));
    };
    for (let steps = 0; steps < STEPS_MAX && isSimpler(); steps++);
  }
}

const STEPS_MAX = 20;

/** As few clients as can be, and with the lowest numbers. */
function mergeClients(search: Search): void {
  for (const client of clientsOf(search.plan).toReversed()) {
    const lower = Array.from({ length: client }, (_, target) => target);
    search.tryFirst(lower.map((target) => mapOperations(search.plan, client, target)));
  }
  const concurrency = Math.max(0, ...clientsOf(search.plan)) + 1;
  const { workload } = search.plan;
  if (concurrency < workload.concurrency) {
    search.try({ ...search.plan, workload: { ...workload, concurrency } });
  }
}

function clientsOf({ deviations = [] }: TestPlan): number[] {
  const clients = deviations.flatMap((one) => (one.type === "operation" ? [one.client] : []));
  return [...new Set(clients)].sort((a, b) => a - b);
}

function mapOperations(plan: TestPlan, client: number, target: number): TestPlan {
  const deviations = plan.deviations?.map((one) =>
    one.type === "operation" && one.client === client ? { ...one, client: target } : one,
  );
  return { ...plan, deviations: deviations ?? [] };
}

/** Everything from one moment on comes earlier, for each moment. */
function closeGaps(search: Search): void {
  const moments = (): number[] => [0, ...momentsOf(search.plan)];
  for (let i = 1; i < moments().length; i++) {
    const now = moments();
    const [before = 0, from = 0] = [now[i - 1], now[i]];
    const gap = from - before;
    search.tryFirst(
      [gap, gap * 0.75, gap / 2, gap / 4]
        .filter((by) => by >= 1)
        .map((by) => earlier(search.plan, from, by)),
    );
  }
}

function roundMoments(search: Search): void {
  for (const moment of momentsOf(search.plan)) {
    search.tryFirst(
      rounder(moment).map((rounded) =>
        mapMoments(search.plan, (atMs) => (atMs === moment ? rounded : atMs)),
      ),
    );
  }
}

function renumber(search: Search): void {
  const { deviations = [] } = search.plan;
  const operations = deviations.filter((one): one is ListedOperation => one.type === "operation");
  const others = deviations.filter(({ type }) => type !== "operation");
  const inOrder = operations.toSorted((a, b) => a.atMs - b.atMs);
  search.tryDeviations([...others, ...renumbered(inOrder)]);
}
