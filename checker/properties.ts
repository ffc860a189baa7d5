/** What is to be known about a checker or the property it stands for. */
export interface PropertyInfo {
  /** As in `CheckResult.checker` and `Anomaly.property`. */
  readonly id: string;
  readonly title: string;
  /** The rule in one line. */
  readonly rule: string;
  /** What it means, why it matters, what a violation looks like. */
  readonly explanation: string;
  /** Where it comes from. */
  readonly source: string;
  /** `safety`: a violation is a bug of the system. `guard`: says whether the run means anything. */
  readonly kind: "safety" | "guard";
}

const RAFT = "Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (2014)";
const JEPSEN = "Kingsbury, Jepsen";
const HERLIHY =
  "Herlihy and Wing, Linearizability: A Correctness Condition for Concurrent Objects (1990)";
const THESIS = "Ongaro, Consensus: Bridging Theory and Practice (2014)";

/** Every property, in the order in which they are shown. */
export const PROPERTIES: readonly PropertyInfo[] = [
  {
    id: "linearizability",
    title: "Linearizability",
    rule: "Every operation appears to take effect at one instant between its call and its answer.",
    explanation:
      "Clients must not be able to tell the cluster from a single machine that works off one operation at " +
      "a time. So a read returns the latest acknowledged write, or one that is still under way; never an " +
      "older value (stale read), a value that a failed write carried (aborted read) or one that nobody " +
      "wrote. An acknowledged write never vanishes (lost write) and never happens twice (duplicate " +
      "effect). An operation without an answer may have happened at any later time, or never. Every key " +
      "is judged by itself, which is exact because linearizability is a local property.",
    source: `${HERLIHY}; ` + "Gibbons and Korach, Testing Shared Memories (1997)",
    kind: "safety",
  },
  {
    id: "transactions",
    title: "Strict serializability",
    rule: "Transactions appear to take effect one after the other, each between its call and its answer.",
    explanation:
      "What a transaction read tells which others came before it, and which did not; what it wrote tells who " +
      "came after. These dependencies, and the order of answers and calls, must not form a circle. A circle is " +
      "named by the dependencies in it: G0 (dirty write), G1c (circular information flow), G-single (read skew), " +
      "G2-item (write skew), with -process or -realtime if it leans on what was answered before something else " +
      "was called. Elements are appended once to lists that are read whole, so the order of versions is known for " +
      "sure and the answer is exact. What failed and was read all the same (G1a), intermediate states (G1b) and " +
      "lists that contradict each other need no circle.",
    source:
      "Adya, Weak Consistency: A Generalized Theory and Optimistic Implementations (1999); Kingsbury and " +
      "Alvaro, Elle: Inferring Isolation Anomalies from Experimental Observations (2020)",
    kind: "safety",
  },
  {
    id: "set",
    title: "Nothing added is lost",
    rule: "A set holds what was added to it, all of it, and nothing else.",
    explanation:
      "Every element is added once, and reads return the whole set. Once an element was acknowledged, or seen, every read " +
      "that is called later must see it: one that is missing for good is lost, one that comes back was missed by a stale " +
      "read. Nor may there be what nobody added, what was refused, or an element twice. Of two reads one must have seen " +
      "all that the other saw, and whoever saw an element must have seen what was acknowledged before it was added. " +
      "Together these are exactly the linearizability of such a set.",
    source: `${JEPSEN}, workload set-full; ${HERLIHY}`,
    kind: "safety",
  },
  {
    id: "counter",
    title: "A counter counts",
    rule: "What is read lies between what was surely added before and what can have been added by then.",
    explanation:
      "At least there are all adds that were acknowledged before the read was called, and whatever an earlier read saw; at " +
      "most all that anyone had asked for when it was answered, unless it certainly failed. Adds without an answer widen " +
      "the bounds. Below them an add was lost or the state is an old one; above them one was executed twice.",
    source: `${JEPSEN}, workload counter`,
    kind: "safety",
  },
  {
    id: "bank",
    title: "Money is not made",
    rule: "Whoever reads all accounts at once finds the same total, and no account below zero.",
    explanation:
      "A transfer takes from one account and gives to another in one transaction, which goes through only if both still hold " +
      "what the client saw. A total that differs shows half of a transfer: one that was not atomic, or a read that saw two " +
      "states. An account below zero shows that two transfers spent the same money.",
    source: `${JEPSEN}, workload bank`,
    kind: "safety",
  },
  {
    id: "queue",
    title: "Queues lose and repeat nothing",
    rule: "What was enqueued comes out once, first in first out, and is not lost.",
    explanation:
      "Every element is enqueued once. None may come out twice, or without having been enqueued; none may overtake one that " +
      "was in before it was added; and a queue must not be found empty while something is in it all the time. What was " +
      "acknowledged, is out, and was given to nobody is lost, unless a dequeue without an answer can have taken it. " +
      "Each such dequeue excuses one element, so what is called lost is proved to be.",
    source: `${JEPSEN}, workload total-queue; Henzinger, Sezgin and Vafeiadis, Aspect-Oriented Linearizability Proofs (2013)`,
    kind: "safety",
  },
  {
    id: "lock",
    title: "Mutual exclusion",
    rule: "A lock has one holder at a time, and every holder a newer fencing token than those before.",
    explanation:
      "Who acquires the lock holds it until it asks for its release, and nobody else may be given it meanwhile. Each grant " +
      "comes with a token, one higher than the last, so that a resource can turn away whoever was late. A token that two " +
      "have, one that is granted before the holder before asked to release its own, and a holder that is told that it " +
      "holds nothing are violations. Acquires and releases without an answer may have happened at any later time.",
    source:
      "Kleppmann, How to do distributed locking (2016); Burrows, The Chubby Lock Service (2006)",
    kind: "safety",
  },
  {
    id: "unique-ids",
    title: "Ids are unique",
    rule: "No id is given twice.",
    explanation:
      "A generator of ids counts up with a compare-and-set, so whoever succeeds has a number of its own. The same one given " +
      "to two callers shows that a state came back that was there before. Who got no answer got no id.",
    source: `${JEPSEN}, workload unique-ids`,
    kind: "safety",
  },
  {
    id: "election-safety",
    title: "Election safety",
    rule: "At most one node becomes leader in a term.",
    explanation:
      "Two leaders in one term could both commit entries at the same index, and the logs would part for " +
      "good. Raft rules it out because a leader needs a majority of votes and nobody votes twice. Two " +
      "leaders at the same time in different terms are legal: the older one cannot commit any more.",
    source: `${RAFT}, §5.2 and Fig. 3`,
    kind: "safety",
  },
  {
    id: "vote-once",
    title: "One vote in a term",
    rule: "A node votes for at most one candidate in a term, also across restarts.",
    explanation:
      "Majorities overlap in at least one node, so two leaders in a term are impossible as long as that " +
      "node votes once. The vote must be on disk before it is sent: a node that forgets it in a crash can " +
      "vote again. Only votes that left the node count here.",
    source: `${RAFT}, §5.2 and Fig. 2 (votedFor is persistent state)`,
    kind: "safety",
  },
  {
    id: "leader-quorum",
    title: "A leader has its votes",
    rule: "A leader was elected by a majority of different voters, each of which voted for it in that term.",
    explanation:
      "Counting a vote twice, counting one of an earlier term, or counting one that was never given makes " +
      "a leader without a majority. Each vote that a leader counted is looked up in the voter's own " +
      "trace. A voter whose trace ends before the election proves nothing and is no alarm. Voters are those " +
      "of the configuration that the candidate acted on; learners and a removed leader do not count.",
    source: `${RAFT}, §5.2`,
    kind: "safety",
  },
  {
    id: "leader-append-only",
    title: "Leader append-only",
    rule: "A leader never overwrites or deletes entries of its own log; it only appends.",
    explanation:
      "Followers give way to the leader's log, so the leader's log itself must not move, nor be replaced by a snapshot. The argument for " +
      "leader completeness rests on it. Followers and candidates may of course remove entries that " +
      "conflict with the leader's.",
    source: `${RAFT}, §5.3 and Fig. 3`,
    kind: "safety",
  },
  {
    id: "log-matching",
    title: "Log matching",
    rule: "Two logs with an entry of the same index and term are identical up to that entry.",
    explanation:
      "A leader creates one entry for an index in its term, and a follower accepts entries only if the one " +
      "before them matches. So one equal entry means an equal past. Every entry carries a hash over the " +
      "whole log up to it, and the hashes of all nodes are compared. Logs that end differently are legal " +
      "until a leader repairs them. Entries that stay above an installed snapshot must follow on its last one.",
    source: `${RAFT}, §5.3 and Fig. 3`,
    kind: "safety",
  },
  {
    id: "leader-completeness",
    title: "Leader completeness",
    rule: "An entry committed in a term is in the log of every leader of a higher term.",
    explanation:
      "This is what makes a commit final. Voters refuse candidates whose log is less up to date than " +
      "their own, so a candidate without a committed entry cannot win a majority. An old leader may learn " +
      "late that its entries are committed; leaders elected meanwhile are then held against them again.",
    source: `${RAFT}, §5.4 and Fig. 3`,
    kind: "safety",
  },
  {
    id: "state-machine-safety",
    title: "State machine safety",
    rule: "No two nodes commit, apply or cover by a snapshot different entries at one index, and nothing committed is removed.",
    explanation:
      "Equal logs applied in order give equal states, and that is the point of the whole protocol. Compared " +
      "are the log hash at every commit index and a hash over all applied commands and their results, " +
      "also of one node before and after its restart. A difference in the results alone means that " +
      "applying a command depends on something else than the log. A snapshot must be of the state and of the " +
      "entry at its index, whether it was taken, installed or found on disk.",
    source: `${RAFT}, §5.4.3 and Fig. 3`,
    kind: "safety",
  },
  {
    id: "commit-rule",
    title: "Commit rule",
    rule: "A leader commits only up to an entry of its own term that a majority of the voters holds.",
    explanation:
      "An entry of an earlier term that lies on a majority can still be overwritten (Fig. 8 of the paper), " +
      "so counting replicas is for entries of the leader's own term only; older ones are committed by " +
      "lying below. Whether a majority held the entry when the leader committed it is read from the traces " +
      "of those nodes; nodes killed since count with what they held. The voters are those of the " +
      "configuration that the leader acted on at that moment.",
    source: `${RAFT}, §5.3, §5.4.2 and Fig. 8`,
    kind: "safety",
  },
  {
    id: "durability",
    title: "Durability",
    rule: "A commit rests on a majority of copies that survive a power cut, and a restart finds them all.",
    explanation:
      "A node must have written an entry to stable storage before it says that it has it; otherwise a few " +
      "crashes at the wrong time take an acknowledged write with them. What was only in memory may be " +
      "lost in a crash, and that is legal. The leader's own copy counts like any other. What a durable " +
      "snapshot covers is there too; a snapshot that had been durable must be found again.",
    source: `${RAFT}, Fig. 2 (updated on stable storage before responding to RPCs)`,
    kind: "safety",
  },
  {
    id: "monotonic-state",
    title: "Monotonic state",
    rule: "Terms never go back, also across restarts; commit index and applied index never within one life.",
    explanation:
      "The term is Raft's clock: a node that goes back in time accepts messages it had left behind. Entries " +
      "are applied one after the other, none twice and none left out; a restarted process begins again " +
      "after its snapshot. A snapshot from a leader takes commit index and applied index forward, never back. A term that a node only heard of and never acted in may be forgotten in a crash.",
    source: `${RAFT}, §5.1 and Fig. 2`,
    kind: "safety",
  },
  {
    id: "exactly-once",
    title: "Exactly once",
    rule: "An operation of a client session takes effect once, however often it was retried.",
    explanation:
      "A client that got no answer asks again, and its command may then be in the log twice. The state " +
      "machine remembers what each session has done and answers the second one without doing it again. " +
      "The same entry applied by several nodes, or again after a restart, is one effect.",
    source: `${RAFT}, §8; ${THESIS}, §6.3`,
    kind: "safety",
  },
  {
    id: "configuration",
    title: "One change of members at a time",
    rule: "A node acts on the newest configuration in its log, and a leader changes one voter at a time, each change after the one before is committed.",
    explanation:
      "Changing one voter at a time is safe because the majorities of neighbouring configurations overlap. " +
      "It is not if a second change begins before the first is committed, or if a new leader changes " +
      "anything before an entry of its own term is committed: then two leaders can each have a majority. " +
      "A node uses a configuration as soon as it is in its log, goes back to the one before when that " +
      "entry is removed, and takes over that of a snapshot. A leader that was removed leads until that " +
      "is committed, and no longer. Learners have no vote, and a leader that was removed does not count " +
      "itself: the properties that count majorities hold them to that.",
    source: `${THESIS}, §4.1 to §4.2; Ongaro, Bug in single-server membership changes (raft-dev, 2015)`,
    kind: "safety",
  },
  {
    id: "read-index",
    title: "Reads see what was committed",
    rule: "Reads are answered from a state at least as new as every commit before they were let in.",
    explanation:
      "A leader answers reads without a log entry: it notes its commit index, makes sure that it still is " +
      "the leader, and waits until that index is applied. A leader that has been replaced, has not yet " +
      "committed in its own term, trusts a lease that ran out, or answers before it has applied that " +
      "far, returns old values. Compared are the index that answered reads waited for and every commit " +
      "of any node with an earlier stamp. Reads that were never answered prove nothing.",
    source: `${RAFT}, §8; ${THESIS}, §6.4`,
    kind: "safety",
  },
  {
    id: "process-exits",
    title: "No unexpected exits",
    rule: "A node's process ends only when the nemesis or the end of the run makes it.",
    explanation:
      "A crash under chaos is a finding of its own, even where the cluster masks it. Evidence is the exit " +
      "code or signal and what the node wrote before. A node that reports a fatal error counts as well.",
    source: "Raftwreck",
    kind: "safety",
  },
  {
    id: "liveness",
    title: "A majority is enough",
    rule: "Whatever became of the rest: a majority that is whole elects, serves, comes to rest and gets even.",
    explanation:
      "No fault goes on for ever in a test, so a cluster that is stuck often looks merely slow. So the simulator " +
      "ends a run with a phase in which nothing changes: a minority stays dead, cut off, or (the hard cases) " +
      "only half cut off, so that it hears but is not heard, asks but gets no answer, or reaches all but one. " +
      "The others reach each other, and nothing there is slow or lost. They must acknowledge operations within " +
      "60 election timeouts, go on in one term after that, and have the same state as their leader at the end. " +
      "This is a promise with a bound, which the simulator can hold a node to because time is its own; in real " +
      "time the phase is left out.",
    source:
      `${THESIS}, §§6.2 and 9.6; Howard and Abraham, Raft does not Guarantee Liveness in the face of Network ` +
      "Faults (2020); the outage at Cloudflare of 2 November 2020",
    kind: "safety",
  },
  {
    id: "leader-returns",
    title: "A leader returns",
    rule: "Where nodes do nothing but elect: once all faults are healed, somebody leads again.",
    explanation:
      "Every node runs and reaches every other, so whoever waits long enough asks for votes, and a majority that hears " +
      "it elects. A cluster in which nobody leads for 25 seconds after the last heal is stuck: nobody asks any more, " +
      "all ask at the same time again and again, or votes are refused that should be given. Programs of the contract " +
      "rafting wait 5 seconds before they ask, so that is four rounds and more. What is shorter proves nothing; the run " +
      "is unknown then.",
    source: `${RAFT}, §5.2; the timers of the contract rafting (github.com/pbetkier/rafting)`,
    kind: "safety",
  },
  {
    id: "availability",
    title: "Availability",
    rule: "Measures how well clients were served, and whether they were served again after the last heal.",
    explanation:
      "Share of operations that were answered, the longest time without any, and for every fault how long " +
      "it took until there was a leader and a first answer again. Whether the figures are good enough is " +
      "for thresholds to say. A cluster that answered nothing after the last heal was not seen to recover, " +
      "and the run is unknown.",
    source: "Raftwreck",
    kind: "guard",
  },
  {
    id: "fault-coverage",
    title: "Did the chaos bite?",
    rule: "Scheduled faults were seen to be there, and something was different while they were.",
    explanation:
      "A green run in which no fault arrived means nothing. Each fault is confirmed by looking, not by " +
      "having asked for it; and over all faults some operation failed or became slower, a leader changed " +
      "or a process ended. Otherwise the run is unknown. A run without any scheduled fault is no chaos run " +
      "and says so.",
    source: "Raftwreck",
    kind: "guard",
  },
  {
    id: "statistics",
    title: "Enough happened",
    rule: "Operations of every function succeeded, and the history does not contradict itself.",
    explanation:
      "Properties hold trivially where nothing happens. A run in which no operation, or none of some " +
      "function, ever succeeded is unknown. Latencies and counts for every function are measured here.",
    source: "Raftwreck",
    kind: "guard",
  },
];

/** The entry of a property or checker, by its id. */
export function findProperty(id: string): PropertyInfo | undefined {
  return PROPERTIES.find((property) => property.id === id);
}
