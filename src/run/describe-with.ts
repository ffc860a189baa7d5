import type { OwnChecker } from "../../checker/own-checker.ts";
import { findProperty } from "../../checker/properties.ts";
import { type DescribeProperty, propertyText } from "../report/property.ts";

/** The texts of all properties: the catalogue's, and those of the user's own checkers. */
export function describeWith(own: readonly OwnChecker[]): DescribeProperty {
  return (property) => {
    const checker = own.find(({ name }) => name === property);
    if (checker === undefined) return findProperty(property);
    const { rule, explanation = "" } = checker;
    return { ...propertyText(() => undefined, property), rule, explanation };
  };
}
