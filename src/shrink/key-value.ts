/** The key and the argument of an operation on one key; undefined of any other, such as those of a user's workload. */
export function keyAndArgument(
  value: unknown,
): readonly [key: string, argument: unknown] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [key, argument] = value as readonly unknown[];
  return typeof key === "string" ? [key, argument] : undefined;
}
