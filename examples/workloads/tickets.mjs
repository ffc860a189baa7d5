// Clients take numbered tickets from one roll: npm run chaos -- --workload examples/workloads/tickets.mjs
import { defineChecker, defineWorkload } from "raftwreck";

const neverTwice = defineChecker({
  name: "never-twice",
  rule: "No two clients get the same ticket.",
  create: (report) => {
    const given = new Map();
    return {
      observe(op) {
        if (op.f !== "take" || op.type !== "ok") return;
        const ticket = Number(op.value);
        const first = given.get(ticket);
        if (first === undefined) given.set(ticket, op);
        else report({ sentence: `ticket ${ticket} was given twice`, ops: [first, op] });
      },
      finish: () => ({ verdict: "valid", summary: `${given.size} tickets, none given twice` }),
    };
  },
});

const neverBack = defineChecker({
  name: "never-back",
  rule: "Who asks after a ticket was given gets a higher one.",
  create: (report) => {
    let highest = { ticket: 0 };
    const before = new Map();
    return {
      observe(op) {
        if (op.f === "take" && op.type === "invoke") before.set(op.process, highest);
        if (op.f !== "take" || op.type !== "ok") return;
        const [ticket, earlier] = [Number(op.value), before.get(op.process)];
        const sentence = `ticket ${ticket} was given after ${earlier.ticket}`;
        if (ticket < earlier.ticket) report({ sentence, ops: [earlier.op, op] });
        if (ticket > highest.ticket) highest = { ticket, op };
      },
    };
  },
});

export default defineWorkload({
  name: "tickets",
  createGenerator: (_prng, prefix) => ({ next: () => ({ f: "take", value: `${prefix}roll` }) }),
  translation: {
    ask: ({ value: roll }) => ({ f: "txn", value: [["add", roll, 1]] }),
    answer: (_take, [[, , number]]) => number,
  },
  checkers: [neverTwice, neverBack],
});
