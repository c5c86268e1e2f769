/**
 * The known word nearest to a misspelt one; undefined when none is near. If nothing else is asked for, a
 * third of the letters may be wrong, so that short words do not match anything.
 */
export function nearest(
  word: string,
  known: Iterable<string>,
  mostEdits: number = Math.max(1, Math.floor(word.length / 3)),
): string | undefined {
  let best: string | undefined
  let limit = mostEdits + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= limit) continue
    const distance = editDistance(word, candidate)
    if (distance < limit) {
      best = candidate
      limit = distance
    }
  }
  return best
}

/** Letters to insert, remove, replace or swap with their neighbour to make one word out of the other. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
