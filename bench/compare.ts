import { median } from './median.ts'
import type { Side } from './side.ts'

interface Row {
  readonly what: string
  /** Undefined where a side has nothing of the kind. */
  readonly measure: (side: Side) => Promise<number | undefined>
  readonly digits: number
}

const rows: readonly Row[] = [
  {
    what: 'one session, ms',
    measure: (side) => side.oneSession(),
    digits: 0,
  },
  {
    what: '50 sessions at once, a second',
    measure: (side) => side.sessionsAtOnce(50),
    digits: 1,
  },
  {
    what: '8 starts at once, ms each',
    measure: async (side) => side.startsAtOnce?.(8),
    digits: 0,
  },
  {
    what: '50 sh> side by side, ms each',
    measure: async (side) => side.commands?.(50),
    digits: 1,
  },
]

/** In turns, so that a busy moment meets all sides; of each the median of so many rounds, and Suiro's ratio to it. */
export async function compare(
  [suiro, ...others]: readonly [Side, ...Side[]],
  rounds: number,
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  const sides = [suiro, ...others]
  const table = [['', suiro.name, ...others.flatMap(({ name }) => [name, 'ratio'])]]
  for (const { what, measure, digits } of rows) {
    print(`Comparing: ${what} …`)
    const values = new Map<Side, number[]>(sides.map((side) => [side, []]))
    for (let round = 0; round < rounds; round += 1) {
      for (const side of sides) {
        const value = await measure(side)
        if (value !== undefined) values.get(side)?.push(value)
      }
    }
    const own = median(values.get(suiro) ?? [])
    const cells = others.flatMap((side) => {
      const its = values.get(side) ?? []
      if (its.length === 0) return ['', '']
      return [median(its).toFixed(digits), (own / median(its)).toFixed(2)]
    })
    table.push([what, own.toFixed(digits), ...cells])
  }
  return table
}
