import { createOwnChecker } from "../../checker/own-checker.ts";
import { messageOf } from "../base/errors.ts";
import { createPrng, type Prng } from "../base/prng.ts";
import type { Client, Completion, Invocation } from "../system/client.ts";
import { HttpClient } from "../system/http-client.ts";
import type { OwnGenerator, OwnWorkload } from "./own-workload.ts";
import type { RunWorkload } from "./run-workload.ts";
import type { Translation, WorkloadGenerator } from "./workload.ts";

/** For one run: it remembers what failed in it. */
export function ownWorkload(own: OwnWorkload): RunWorkload {
  const { name, text = name, checkers } = own;
  const guard = new Guard(name);
  const createClient = ownClient(own, guard);
  const translation = ownTranslation(own, guard);
  const finalReadsOf = (done: readonly Invocation[]): Invocation[] =>
    guard.call("finalReads", [], () => [...(own.finalReads?.(done) ?? [])]);
  const createGenerator = (prng: Prng, prefix: string): WorkloadGenerator => {
    const generator = guard.call("createGenerator", IDLE, () => own.createGenerator(prng, prefix));
    return guarded(generator, guard, own.finalReads && finalReadsOf);
  };
  const probes = createGenerator(createPrng("probes"), "probe-");
  return {
    name,
    text,
    createGenerator,
    finalReadsOf,
    probe: () => probes.next(),
    ...(translation === undefined ? {} : { translation }),
    judgedBy: () => checkers.map(createOwnChecker),
    ownCheckers: checkers,
    ...(createClient === undefined ? {} : { createClient }),
    trouble: () => guard.trouble,
  };
}

/** Runs the user's code, and keeps the first that went wrong in it. */
class Guard {
  readonly #name: string;
  #trouble: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** What `act` returns; if it throws, that is noted, and the run ends within moments: `otherwise` goes on until then. */
  call<T>(what: string, otherwise: T, act: () => T): T {
    try {
      return act();
    } catch (error) {
      this.#trouble ??= `the workload ${this.#name} failed: ${what}: ${messageOf(error)}`;
      return otherwise;
    }
  }
}

/** An operation that changes nothing, for as long as a run goes on whose workload has failed. */
const IDLE_READ: Invocation = { f: "read", value: ["idle", null] };

const IDLE: OwnGenerator = { next: () => IDLE_READ };

function guarded(
  generator: OwnGenerator,
  guard: Guard,
  finalReadsOf: ((done: readonly Invocation[]) => Invocation[]) | undefined,
): WorkloadGenerator {
  const drawn: Invocation[] = [];
  return {
    next() {
      const invocation = guard.call("next", IDLE_READ, () => checked(generator.next()));
      if (finalReadsOf !== undefined) drawn.push(invocation);
      return invocation;
    },
    observe: (invocation, completion) =>
      guard.call("observe", undefined, () => generator.observe?.(invocation, completion)),
    finalReads: () => finalReadsOf?.(drawn) ?? [],
  };
}

function checked(invocation: Invocation): Invocation {
  const { f, value } = invocation;
  if (typeof f !== "string" || f === "") throw new TypeError("an operation needs a name, f");
  // What is undefined would be missing in the history, and be asked as it is all the same.
  return value === undefined ? { f, value: null } : invocation;
}

/** What the nodes know: `translation` has to end there. */
const ASKED = ["read", "write", "cas", "delete", "txn"];

function ownTranslation({ translation }: OwnWorkload, guard: Guard): Translation | undefined {
  if (translation === undefined) return undefined;
  return {
    ask: (invocation) =>
      guard.call("translation.ask", IDLE_READ, () => {
        // It is not the user's, who need not know what to make of it.
        if (invocation === IDLE_READ) return IDLE_READ;
        const asked = translation.ask(invocation);
        if (ASKED.includes(asked.f) && Array.isArray(asked.value)) return asked;
        throw new TypeError(
          `${JSON.stringify(asked)} is nothing that nodes know; they know ${ASKED.join(", ")}, with a list as value`,
        );
      }),
    answer: (invocation, value) =>
      guard.call("translation.answer", null, () =>
        invocation === IDLE_READ ? value : translation.answer(invocation, value),
      ),
  };
}

function ownClient({ http, createClient }: OwnWorkload, guard: Guard): RunWorkload["createClient"] {
  if (http !== undefined) return (options) => new HttpClient(http, options);
  if (createClient === undefined) return undefined;
  return (options) =>
    guardedClient(
      guard.call("createClient", DEAF, () => createClient(options)),
      guard,
    );
}

/** For as long as a run goes on whose workload has failed. */
const DEAF: Client = {
  invoke: (_invocation, deadlineMs, done) => {
    setTimeout(() => done({ type: "info", error: "no-client" }), deadlineMs);
  },
  close: () => undefined,
};

function guardedClient(client: Client, guard: Guard): Client {
  return {
    invoke(invocation, deadlineMs, done) {
      let isDone = false;
      const once = (completion: Completion): void => {
        if (!isDone) done(completion);
        isDone = true;
      };
      const isAsked = guard.call("a client's invoke", false, () => {
        client.invoke(invocation, deadlineMs, once);
        return true;
      });
      // Whatever it was, it may have been done.
      if (!isAsked) setTimeout(() => once({ type: "info", error: "client-failed" }), 0);
    },
    close: () => guard.call("a client's close", undefined, () => client.close()),
  };
}
