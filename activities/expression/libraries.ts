import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fixedOffset, packFixedOffset } from './zone.ts'

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
      const offset = fixedOffset(name)
      const zone = offset === undefined ? packed.get(name) : packFixedOffset(name, offset)
      return zone === undefined ? undefined : JSON.stringify({ zones: [zone], links: [] })
    },
  }
}
