/**
 * Does for many at a time what is asked for one by one: all that is asked for within `milliseconds` of the first goes
 * together. Each caller hears how it went.
 */
export function together<Item>(
  milliseconds: number,
  write: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let waiting: { readonly items: Item[]; readonly written: Promise<void> } | undefined
  const open = (): { readonly items: Item[]; readonly written: Promise<void> } => {
    const items: Item[] = []
    const { promise: written, resolve } = Promise.withResolvers<void>()
    setTimeout(() => {
      waiting = undefined
      resolve(write(items))
    }, milliseconds)
    return { items, written }
  }
  return (item) => {
    waiting ??= open()
    waiting.items.push(item)
    return waiting.written
  }
}
