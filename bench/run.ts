import { startStack } from '#harness/stack/stack.ts'
import { setup } from '../services/embedded/vitest-setup.ts'
import { createAttempts, type Attempts, type Took } from './attempt.ts'
import { locally, measures, oneTask, remotely, type Measure } from './measures.ts'
import { formatTable } from './table.ts'

/** `npm run bench`: starts real parts of its own, measures, prints; bench/README.md explains each figure. */
export async function bench(
  names: readonly string[],
  print: (line: string) => void,
): Promise<void> {
  const wanted = measures.filter(({ name }) => names.length === 0 || names.includes(name))
  if (wanted.length === 0) {
    const known = measures.map(({ name }) => name).join(', ')
    throw new Error(`There is no measure ${names.join(', ')}; there are ${known}`)
  }
  const stop = await setup()
  try {
    const stack = await startStack()
    const attempts = await createAttempts(stack)
    try {
      // The first attempt meets cold caches and is not measured.
      await attempts.run(oneTask)
      const rows = [['', 'tasks', 'ms/task', 'ratio', 'largest history']]
      for (const measure of wanted) {
        print(`Measuring ${measure.name}: ${measure.what} …`)
        rows.push(...(await sizesOf(measure, attempts)))
      }
      const singles = names.length === 0 ? await singlesOf(attempts) : []
      print(`\n${formatTable(rows)}`)
      if (singles.length > 0) print(`\n${formatTable(singles)}`)
      print('\nOnly ratios within one run compare; see bench/README.md.')
    } finally {
      await attempts.close()
      await stack.stop()
    }
  } finally {
    await stop()
  }
}

async function sizesOf(measure: Measure, attempts: Attempts): Promise<string[][]> {
  const rows: string[][] = []
  let smallest: number | undefined
  for (const size of measure.sizes) {
    const took = await attempts.run(measure.dig(size))
    smallest ??= perTask(took)
    rows.push([
      measure.name,
      String(took.tasks),
      perTask(took).toFixed(2),
      (perTask(took) / smallest).toFixed(2),
      `${took.largestHistory.events} events, ${Math.round(took.largestHistory.bytes / 1024)} KiB`,
    ])
  }
  return rows
}

const perTask = ({ milliseconds, tasks }: Took): number => milliseconds / tasks

/** Attempts of a single shape, each the median of several, in turns so that a busy moment meets both. */
async function singlesOf(attempts: Attempts): Promise<string[][]> {
  const times = { one: [] as number[], local: [] as number[], remote: [] as number[] }
  for (let turn = 0; turn < 5; turn += 1) {
    times.one.push((await attempts.run(oneTask)).milliseconds)
    times.local.push((await attempts.run(locally)).milliseconds)
    times.remote.push((await attempts.run(remotely)).milliseconds)
  }
  const [one, local, remote] = [times.one, times.local, times.remote].map(median) as [
    number,
    number,
    number,
  ]
  const added = (whole: number): number => (whole - one) / 99
  return [
    ['', 'ms', 'ratio'],
    ['one task, accepted to done', one.toFixed(0), ''],
    ['one more local task', added(local).toFixed(2), '1.00'],
    ['one more remote task', added(remote).toFixed(2), (added(remote) / added(local)).toFixed(2)],
  ]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
