import type {
  RegisterOperation,
  Value,
} from "../../../checker/linearizability/register-operation.ts";

/**
 * The slow, obvious answer: tries every order of every subset of the operations of unknown outcome. For a
 * handful of operations only.
 */
export function isLinearizableByTrying(operations: readonly RegisterOperation[]): boolean {
  const all = (1 << operations.length) - 1;
  const certain = operations.reduce(
    (mask, one, at) => (one.isCertain ? mask | (1 << at) : mask),
    0,
  );
  const dead = new Set<string>();

  function extend(placed: number, state: Value): boolean {
    if ((placed & certain) === certain) return true;
    const configuration = `${placed} ${JSON.stringify(state)}`;
    if (dead.has(configuration)) return false;
    for (const [at, one] of operations.entries()) {
      if (placed & (1 << at)) continue;
      const mustWait = operations.some(
        (other, position) =>
          position !== at &&
          !(placed & (1 << position)) &&
          other.isCertain &&
          other.return < one.call,
      );
      if (mustWait) continue;
      const after = apply(one, state);
      if (after !== undefined && extend(placed | (1 << at), after)) return true;
    }
    dead.add(configuration);
    return false;
  }

  return all === 0 || extend(0, null);
}

function apply({ kind, value, expected }: RegisterOperation, state: Value): Value | undefined {
  if (kind === "read") return state === value ? state : undefined;
  if (kind === "cas") return state === expected ? value : undefined;
  if (kind === "refused") return state === expected ? undefined : state;
  return value;
}
