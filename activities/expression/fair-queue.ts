/** Waiting work of several owners, who take turns however much each of them brings. */
export interface FairQueue<Item> {
  add(owner: unknown, item: Item): void
  /** The next item of the owner whose turn it is; owners that may not run now are passed over. */
  next(mayRun: (owner: unknown) => boolean): Item | undefined
  remove(owner: unknown, item: Item): void
}

export function createFairQueue<Item>(): FairQueue<Item> {
  // Owners are in the order of their turns.
  const waiting = new Map<unknown, Set<Item>>()
  const remove: FairQueue<Item>['remove'] = (owner, item) => {
    const items = waiting.get(owner)
    items?.delete(item)
    if (items?.size === 0) waiting.delete(owner)
  }
  return {
    add(owner, item) {
      const items = waiting.get(owner)
      if (items === undefined) waiting.set(owner, new Set([item]))
      else items.add(item)
    },
    next(mayRun) {
      for (const [owner, items] of waiting) {
        if (!mayRun(owner)) continue
        const [item] = items
        if (item === undefined) continue
        waiting.delete(owner)
        items.delete(item)
        if (items.size > 0) waiting.set(owner, items)
        return item
      }
      return undefined
    },
    remove,
  }
}
