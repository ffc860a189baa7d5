import { beforeEach, expect, test } from "vitest";
import { OwnHooks } from "../../src/environment/own-hooks.ts";
import type { HookedFault, HookedNode } from "../../src/system/own-fault.ts";

const node = { id: "n1" } as HookedNode;
const own = (name: string) => ({ type: "own", name }) as const;
let done: string[];
let failing: string;
let hooks: OwnHooks;

beforeEach(() => {
  done = [];
  failing = "";
  const fault = (name: string): HookedFault => {
    const act = (what: string) => async (at: HookedNode) => {
      await Promise.resolve();
      done.push(`${what} ${name} at ${at.id}`);
      if (failing === `${what} ${name}`) throw new Error("no way");
    };
    return { name, text: "", apply: act("apply"), heal: act("heal") };
  };
  hooks = new OwnHooks([fault("a"), fault("b")], node);
});

test("each is applied once, and healed when it is wanted no more", async () => {
  await hooks.bring([own("a")], 1);
  await hooks.bring([own("a"), { type: "disk-full" }], 1);
  await hooks.bring([own("b")], 1);
  await hooks.bring([], 1);
  expect(done).toEqual(["apply a at n1", "heal a at n1", "apply b at n1", "heal b at n1"]);
});

test("a node that was started anew gets it again", async () => {
  await hooks.bring([own("a")], 1);
  await hooks.bring([own("a")], 2);
  expect(done).toEqual(["apply a at n1", "apply a at n1"]);
});

test("what failed halfway is healed all the same, until that succeeds", async () => {
  failing = "apply a";
  await expect(hooks.bring([own("a")], 1)).rejects.toThrow("apply of a: no way");
  failing = "heal a";
  await expect(hooks.bring([], 1)).rejects.toThrow("heal of a: no way");
  failing = "";
  await hooks.bring([], 1);
  await hooks.bring([], 1);
  expect(done).toEqual(["apply a at n1", "heal a at n1", "heal a at n1"]);
});

test("one that nobody has defined is named", async () => {
  await expect(hooks.bring([own("c")], 1)).rejects.toThrow(
    'nobody here knows how to bring about the fault "c"',
  );
  await expect(hooks.bring([], 1), "nothing of it is there to be healed").resolves.toBeUndefined();
});
