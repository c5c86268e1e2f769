import { moveNear } from './wall-clock.ts'
import { zoneOf } from './zone.ts'

/** A moment at which clocks are put forward (`minutes` above 0) or back. */
export interface ClockChange {
  readonly at: Date
  readonly minutes: number
}

const dayMs = 86_400_000
/** Schedules are told to Temporal again every few minutes, so that this is far enough. */
const horizonDays = 400

/** The changes of clocks from the day before `now` on. */
export function clockChanges(timezone: string, now: Date): readonly ClockChange[] {
  const zone = zoneOf(timezone)
  if (zone.isUniversal) return []
  const changes: ClockChange[] = []
  for (let day = -1; day < horizonDays; day += 1) {
    const from = now.getTime() + day * dayMs
    if (moveNear(new Date(from), timezone) === 0) continue
    const [before, after] = [zone.offset(from), zone.offset(from + dayMs)]
    if (before === after) continue
    let [early, late] = [from, from + dayMs]
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2)
      if (zone.offset(middle) === after) late = middle
      else early = middle
    }
    changes.push({ at: new Date(late), minutes: after - before })
  }
  return changes
}
