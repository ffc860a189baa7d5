import type { NodeId } from "../../src/base/node-id.ts";
import type { Member } from "./member.ts";

/**
 * What waits for later lines of a member, first come first. The member counts what waits for it anywhere: for nearly
 * all lines nothing does, and then no rule is asked.
 */
export class Waiting<Item> {
  readonly #items = new Map<NodeId, Item[]>();

  of({ node }: Member): readonly Item[] {
    return this.#items.get(node) ?? [];
  }

  add(member: Member, item: Item): void {
    const items = this.#items.get(member.node);
    if (items) items.push(item);
    else this.#items.set(member.node, [item]);
    member.awaitedCount++;
  }

  replace(member: Member, items: Item[]): void {
    member.awaitedCount += items.length - this.of(member).length;
    if (items.length === 0) this.#items.delete(member.node);
    else this.#items.set(member.node, items);
  }
}
