import type { WorkloadName } from "../../checker/checkers.ts";
import type { Client } from "../system/client.ts";
import { election } from "./election.ts";
import { register } from "./register.ts";
import { append, wr } from "./transactions.ts";
import type { Workload } from "./workload.ts";

/** Everything that clients can do, in the order shown. */
const BY_NAME: Readonly<Record<WorkloadName, Workload>> = { register, append, wr, election };

export const WORKLOADS: readonly Workload[] = Object.values(BY_NAME);

export function workloadNamed(name: WorkloadName): Workload {
  return BY_NAME[name];
}

/** The name, if there is such a workload. */
export function asWorkloadName(name: string): WorkloadName | undefined {
  return WORKLOADS.find((workload) => workload.name === name)?.name;
}

/** A client that is asked in the words of the workload. */
export function speaking({ translation }: Pick<Workload, "translation">, client: Client): Client {
  if (translation === undefined) return client;
  return {
    invoke: (invocation, deadlineMs, done) =>
      client.invoke(translation.ask(invocation), deadlineMs, (completion) => {
        const { value, ...rest } = completion;
        done(
          completion.type === "ok"
            ? { ...rest, value: translation.answer(invocation, value) }
            : rest,
        );
      }),
    close: () => client.close(),
  };
}
