import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { offsetZone } from '#workflows/domain/time-zone.ts'
import { momentName, packFixedOffset } from './zone.ts'

interface ZoneData {
  /** `Asia/Tokyo|JST JDT|…`: moment-timezone's packed form. */
  readonly zones: readonly string[]
  /** `America/New_York|US/Eastern`. */
  readonly links: readonly string[]
}

/** The sources that are read into the sandbox, each read from disk once. */
export interface Libraries {
  /** moment and moment-timezone, without any zone. */
  readonly moment: string
  /** JSON that `moment.tz.load` takes: every zone. */
  readonly allZones: string
  /** The same for one zone; undefined when there is none of this name. */
  oneZone(name: string): string | undefined
}

const load = (zone: string): string => JSON.stringify({ zones: [zone], links: [] })

export function readLibraries(): Libraries {
  const read = (specifier: string): string =>
    readFileSync(fileURLToPath(import.meta.resolve(specifier)), 'utf8')
  const allZones = read('moment-timezone/data/packed/latest.json')
  const { zones, links } = JSON.parse(allZones) as ZoneData
  const packed = new Map(zones.map((zone) => [zone.slice(0, zone.indexOf('|')), zone]))
  for (const link of links) {
    const [target = '', alias = ''] = link.split('|')
    const zone = packed.get(target)
    if (zone !== undefined) packed.set(alias, alias + zone.slice(target.length))
  }
  return {
    moment:
      read('moment/min/moment.min.js') +
      '\n;\n' +
      read('moment-timezone/builds/moment-timezone.min.js'),
    allZones,
    oneZone(name) {
      const offset = offsetZone(name)?.minutes
      if (offset !== undefined) return load(packFixedOffset(name, offset))
      const zone = packed.get(momentName(name))
      return zone === undefined ? undefined : load(name + zone.slice(zone.indexOf('|')))
    },
  }
}
