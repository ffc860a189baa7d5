import type { NodeEffect } from "../../nemesis/target.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import type { HookedFault, HookedNode } from "../system/own-fault.ts";

/** For one act of the user's own code. */
export const OWN_DEADLINE_MS = 15_000;

/** What there is to say of a program that code of the user's own ran, and that did not succeed. */
export function endText(program: string, exitCode: number, text: string): string {
  return `${program} ended with exit code ${exitCode}: ${text}`;
}

/** Brings about, at one node, what the user's own code can. */
export class OwnHooks {
  readonly #faults: readonly HookedFault[];
  readonly #node: HookedNode;
  /** Those that may be there, by name, and at which start of the node each was brought about; undefined: it failed. */
  readonly #inForce = new Map<string, number | undefined>();

  constructor(faults: readonly HookedFault[], node: HookedNode) {
    this.#faults = faults;
    this.#node = node;
  }

  /** At a node that runs, and that was started for the `start`-th time; throws one sentence if something failed. */
  async bring(effects: readonly NodeEffect[], start: number): Promise<void> {
    const wanted = effects.flatMap((effect) => (effect.type === "own" ? [effect.name] : []));
    for (const name of [...this.#inForce.keys()].filter((each) => !wanted.includes(each))) {
      await this.#call(this.#named(name), "heal");
      this.#inForce.delete(name);
    }
    for (const name of wanted.filter((each) => this.#inForce.get(each) !== start)) {
      const fault = this.#named(name);
      // Before the act: what is half there when something fails has to be healed, too.
      this.#inForce.set(name, undefined);
      await this.#call(fault, "apply");
      this.#inForce.set(name, start);
    }
  }

  #named(name: string): HookedFault {
    const fault = this.#faults.find((each) => each.name === name);
    if (fault !== undefined) return fault;
    throw new EnvironmentError(`nobody here knows how to bring about the fault "${name}"`);
  }

  async #call(fault: HookedFault, act: "apply" | "heal"): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const sentence = `it is not done after ${OWN_DEADLINE_MS} ms`;
      timer = setTimeout(() => reject(new Error(sentence)), OWN_DEADLINE_MS);
    });
    try {
      // What throws at once is the same as what rejects.
      await Promise.race([(async () => fault[act](this.#node))(), late]);
    } catch (error) {
      throw new EnvironmentError(`${act} of ${fault.name}: ${messageOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}
