/**
 * One look for many who ask at about the same time. Each is answered by a look that began after it asked, so it sees what
 * was there then; at most one look is under way and one is waiting.
 */
export function createSharedLook<Found>(look: () => Promise<Found>): () => Promise<Found> {
  let underWay: Promise<Found> | undefined
  let next: Promise<Found> | undefined

  const begin = (): Promise<Found> => {
    const mine = look()
    underWay = mine
    const over = (): void => {
      if (underWay === mine) underWay = undefined
    }
    mine.then(over, over)
    return mine
  }

  return () => {
    if (underWay === undefined) return begin()
    const beginNext = (): Promise<Found> => {
      next = undefined
      return begin()
    }
    next ??= underWay.then(beginNext, beginNext)
    return next
  }
}
