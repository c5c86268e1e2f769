import { changesNear, wallOf } from './wall-clock.ts'
import { zoneOf } from './zone.ts'

const hourMs = 3_600_000
/** Schedules are told to Temporal again every few minutes, so that this is far enough. */
const horizonDays = 400

/** The instants after `now` at which clocks are put forward: the first after each gap. */
export function gapEnds(timezone: string, now: Date): readonly Date[] {
  const zone = zoneOf(timezone)
  if (zone.isUniversal) return []
  const ends: Date[] = []
  for (let day = 0; day < horizonDays; day += 1) {
    const from = now.getTime() + day * 24 * hourMs
    if (!changesNear(new Date(from), timezone)) continue
    const to = from + 24 * hourMs
    if (zone.offset(to) <= zone.offset(from)) continue
    let [early, late] = [from, to]
    const after = zone.offset(to)
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2)
      if (zone.offset(middle) === after) late = middle
      else early = middle
    }
    ends.push(new Date(late))
  }
  return ends
}

/** An instant by the clock on the wall, in the fields that a calendar has. */
export function wallFields(time: Date, timezone: string) {
  const wall = wallOf(time, timezone)
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth(),
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
  }
}
