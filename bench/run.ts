import { createClient, type Client } from '#client/client.ts'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { requireKnown } from '#services/embedded/require-known.ts'
import { setup } from '../services/embedded/vitest-setup.ts'
import { createAttempts, type Attempts, type Took } from './attempt.ts'
import { createBareSide } from './bare/side.ts'
import { compare } from './compare.ts'
import { createHttpSide } from './http-side.ts'
import { logs } from './logs.ts'
import { locally, measures, oneTask, remotely, type Measure } from './measures.ts'
import { median } from './median.ts'
import { memory } from './memory.ts'
import { overview } from './overview.ts'
import { reporting } from './reporting.ts'
import { retention } from './retention.ts'
import { tasks } from './tasks.ts'
import { formatTable } from '#services/shared/text-table.ts'

interface Options {
  /** Of the shapes; all, and everything else too, where none is named. */
  readonly names: readonly string[]
  /** A Digdag to be held against, such as http://user:password@127.0.0.1:65439. */
  readonly digdag?: string
  readonly rounds: number
}

const others = ['compare', 'memory', 'retention', 'tasks', 'logs', 'overview', 'reporting'] as const

/** `npm run bench`: starts real parts of its own, measures, prints; bench/README.md explains each figure. */
export async function bench(
  { names, digdag, rounds }: Options,
  print: (line: string) => void,
): Promise<void> {
  const wanted = measures.filter(({ name }) => names.length === 0 || names.includes(name))
  requireKnown('measure', names, [...measures.map(({ name }) => name), ...others])
  const has = (name: string): boolean => names.length === 0 || names.includes(name)
  // Each as soon as it is measured: what comes after it may fail.
  const show = (rows: readonly (readonly string[])[]): void => {
    if (rows.length > 0) print(`\n${formatTable(rows)}\n`)
  }
  // Of an instance of its own, and before anything else uses the machine's memory.
  if (has('memory')) show(await memory(print))
  if (names.length > 0 && names.every((name) => name === 'memory')) return
  const stop = await setup()
  try {
    const stack = await startStack()
    const attempts = await createAttempts(stack)
    try {
      // The first attempt meets cold caches and is not measured.
      await attempts.run(oneTask)
      if (has('compare')) show(await compared(stack, digdag, rounds, print))
      if (wanted.length > 0) {
        const rows = [['', 'tasks', 'ms/task', 'ratio', 'largest history']]
        for (const measure of wanted) {
          print(`Measuring ${measure.name}: ${measure.what} …`)
          rows.push(...(await sizesOf(measure, attempts)))
        }
        show(rows)
      }
      if (names.length === 0) show(await singlesOf(attempts))
      if (has('retention')) show(await retention(print))
      if (has('tasks')) show(await tasks(stack, print))
      if (has('logs')) show(await logs(stack, print))
      // These fill in a year, so only where they are asked for.
      if (names.includes('overview')) show(await overview(stack, print))
      if (names.includes('reporting')) show(await reporting(print))
    } finally {
      await attempts.close()
      await stack.stop()
    }
  } finally {
    await stop()
  }
  print('Only ratios within one run compare; see bench/README.md.')
}

async function compared(
  stack: Stack,
  digdag: string | undefined,
  rounds: number,
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = stack.env
  const suiro = await createHttpSide('Suiro', stack.api)
  const bare = await createBareSide(address, namespace)
  const others = digdag === undefined ? [] : [await createHttpSide('Digdag', clientOf(digdag))]
  try {
    // Once for all caches.
    for (const side of [suiro, bare, ...others]) await side.sessionsAtOnce(10)
    return await compare([suiro, bare, ...others], rounds, print)
  } finally {
    await bare.close()
  }
}

/** A login may be in the address. */
function clientOf(address: string): Client {
  const { origin, username, password } = new URL(address)
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`
  return createClient(origin, username === '' ? {} : { headers: { authorization } })
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
