import { zoneOf } from './zone.ts'

const minute = 60_000
/** More than clocks were ever moved at once: Samoa left out a whole day. */
const farthestMove = 26 * 60 * minute

/** What the clock on the wall shows at an instant, as if that were UTC. */
export function wallOf(time: Date, timezone: string): Date {
  return new Date(time.getTime() + zoneOf(timezone).offset(time.getTime()) * minute)
}

/**
 * When the clock on the wall shows `wall` (given as if it were UTC): of two instants the first; if clocks
 * skip that time, the first instant after the gap.
 */
export function instantOf(wall: Date, timezone: string): Date {
  const zone = zoneOf(timezone)
  const shown = wall.getTime()
  const before = zone.offset(shown - farthestMove)
  const after = zone.offset(shown + farthestMove)
  const fitting = [before, after]
    .map((offset) => ({ offset, instant: shown - offset * minute }))
    .filter(({ offset, instant }) => zone.offset(instant) === offset)
    .map(({ instant }) => instant)
  if (fitting.length > 0) return new Date(Math.min(...fitting))
  return new Date(gapEnd(shown, before, after, (instant) => zone.offset(instant)))
}

/** The first instant with the offset after a gap; the change lies between the two readings of `shown`. */
function gapEnd(
  shown: number,
  before: number,
  after: number,
  offsetAt: (instant: number) => number,
): number {
  let [early, late] = [shown - after * minute - 1, shown - before * minute]
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2)
    if (offsetAt(middle) === after) late = middle
    else early = middle
  }
  return late
}

/** By how many minutes clocks are moved near an instant, either way; mostly 0. */
export function moveNear(time: Date, timezone: string): number {
  const zone = zoneOf(timezone)
  const at = time.getTime()
  return Math.abs(zone.offset(at - farthestMove) - zone.offset(at + farthestMove))
}
