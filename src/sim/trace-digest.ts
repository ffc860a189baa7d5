import type { SnapshotMark, TraceTransition } from "../base/trace.ts";
import type { Digest } from "./digest.ts";

/** What a node did goes into the digest with its content: hashes of logs and states, not only that it happened. */
export function traceDigest(digest: Digest, node: number, transition: TraceTransition): void {
  digest.number(node);
  switch (transition.type) {
    case "start":
      digest.number(transition.term);
      if (transition.snapshot !== undefined) markDigest(digest, transition.snapshot);
      return digest.number(transition.lastHash);
    case "role":
      digest.text(transition.role);
      return digest.number(transition.term);
    case "vote":
      digest.text(transition.candidate);
      return digest.number(transition.term);
    case "led":
      return digest.number(transition.term);
    case "append":
      digest.number(transition.from);
      for (const [term, hash] of transition.entries) {
        digest.number(term);
        digest.number(hash);
      }
      return;
    case "truncate":
      return digest.number(transition.from);
    case "durable":
    case "commit":
      digest.number(transition.index);
      return digest.number(transition.hash);
    case "apply":
      digest.number(transition.from);
      for (const hash of transition.hashes) digest.number(hash);
      return;
    case "snapshot":
    case "install":
      return markDigest(digest, transition);
    case "configuration":
      digest.number(transition.index);
      for (const voter of transition.voters) digest.text(voter);
      digest.number(transition.voters.length);
      for (const learner of transition.learners) digest.text(learner);
      return;
    case "read-ticket":
      digest.number(transition.ticket);
      return digest.number(transition.index);
    case "read-answer":
      digest.number(transition.ticket);
      return digest.number(transition.appliedIndex);
    case "disk-lost":
      return digest.text(transition.type);
    case "exit":
      return digest.number(transition.code ?? 0);
    case "log":
      return digest.text(transition.text);
  }
}

function markDigest(digest: Digest, { index, hash, stateHash }: SnapshotMark): void {
  digest.number(index);
  digest.number(hash);
  digest.number(stateHash);
}
