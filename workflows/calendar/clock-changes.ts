import { moveNear } from './wall-clock.ts'
import { zoneOf } from './zone.ts'

/** A moment at which clocks are put forward (`minutes` above 0) or back. */
export interface ClockChange {
  readonly at: Date
  readonly minutes: number
}

const dayMs = 86_400_000
/** Schedules are compared with Temporal's every few minutes, so that this is far enough. */
const horizonDays = 400

const known = new Map<string, { readonly day: number; readonly changes: readonly ClockChange[] }>()

/** The changes of clocks from the day before `now` on; looked for once a day in each zone. */
export function clockChanges(timezone: string, now: Date): readonly ClockChange[] {
  const day = Math.floor(now.getTime() / dayMs)
  const before = known.get(timezone)
  if (before?.day === day) return before.changes
  const changes = changesFrom(timezone, new Date(day * dayMs))
  known.set(timezone, { day, changes })
  return changes
}

function changesFrom(timezone: string, now: Date): readonly ClockChange[] {
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
