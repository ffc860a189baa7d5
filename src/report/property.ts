/** What is told of a property that was violated. */
export interface PropertyText {
  /** "Election safety". */
  readonly title: string;
  /** One line: what has to hold. */
  readonly rule: string;
  /** A few sentences: why that matters and what usually breaks it. */
  readonly explanation: string;
}

export type DescribeProperty = (property: string) => PropertyText | undefined;

/** The text of a property, also of one that the catalogue does not know: its id made readable. */
export function propertyText(describe: DescribeProperty, property: string): PropertyText {
  const known = describe(property);
  if (known) return known;
  const words = property.replaceAll("-", " ");
  return { title: words.charAt(0).toUpperCase() + words.slice(1), rule: "", explanation: "" };
}
