/** A time zone that keeps one offset all year. */
export interface OffsetZone {
  /** As Java, and so Digdag, writes it: `+9` is `+09:00`, `UTC+9` is `UTC+09:00`. */
  readonly name: string
  /** Minutes east of UTC. */
  readonly minutes: number
}

/** A zone that is written as an offset, as Java reads it; undefined for one with a name, or none at all. */
export function offsetZone(written: string): OffsetZone | undefined {
  if (written === 'Z' || written === 'UT') return { name: written, minutes: 0 }
  const parts = /^(UTC|GMT|UT)?([+-])(?:(\d)|(\d\d)(?::?(\d\d)(?::?00)?)?)$/.exec(written)
  if (parts === null) return undefined
  const [, prefix = '', sign, hour, hours = hour ?? '', minutes = '00'] = parts
  const size = Number(hours) * 60 + Number(minutes)
  if (Number(minutes) > 59 || size > farthest) return undefined
  if (size === 0) return { name: prefix === '' ? 'Z' : prefix, minutes: 0 }
  return {
    name: `${prefix}${sign}${hours.padStart(2, '0')}:${minutes}`,
    minutes: sign === '-' ? -size : size,
  }
}

/** Java knows offsets up to 18 hours. */
const farthest = 18 * 60

/**
 * Abbreviations that are no zones, and the zones they may stand for, the likeliest first. JavaScript's
 * engines know them for old Java's sake, Digdag and the libraries of an expression do not.
 */
export const abbreviatedZones: ReadonlyMap<string, readonly string[]> = new Map([
  ['ACT', ['Australia/Darwin']],
  ['AET', ['Australia/Sydney']],
  ['AGT', ['America/Argentina/Buenos_Aires']],
  ['ART', ['Africa/Cairo', 'America/Argentina/Buenos_Aires']],
  ['AST', ['America/Anchorage', 'America/Halifax']],
  ['BET', ['America/Sao_Paulo']],
  ['BST', ['Asia/Dhaka', 'Europe/London']],
  ['CAT', ['Africa/Maputo']],
  ['CNT', ['America/St_Johns']],
  ['CST', ['America/Chicago', 'Asia/Shanghai']],
  ['CTT', ['Asia/Shanghai']],
  ['EAT', ['Africa/Nairobi']],
  ['ECT', ['Europe/Paris', 'America/Guayaquil']],
  ['EST', ['America/Panama', 'America/New_York']],
  ['HST', ['Pacific/Honolulu']],
  ['IET', ['America/Indiana/Indianapolis']],
  ['IST', ['Asia/Kolkata', 'Europe/Dublin', 'Asia/Jerusalem']],
  ['JST', ['Asia/Tokyo']],
  ['MIT', ['Pacific/Apia']],
  ['MST', ['America/Phoenix', 'America/Denver']],
  ['NET', ['Asia/Yerevan']],
  ['NST', ['Pacific/Auckland', 'America/St_Johns']],
  ['PLT', ['Asia/Karachi']],
  ['PNT', ['America/Phoenix']],
  ['PRT', ['America/Puerto_Rico']],
  ['PST', ['America/Los_Angeles']],
  ['SST', ['Pacific/Guadalcanal', 'Pacific/Pago_Pago']],
  ['VST', ['Asia/Ho_Chi_Minh']],
])
