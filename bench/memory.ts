import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '#client/client.ts'
import { accepted } from '#client/request.ts'
import { startInstance } from '#services/embedded/testing/instance.ts'

/** What a process is called here, by its command line. */
const parts: readonly (readonly [name: string, command: RegExp])[] = [
  ['launcher', /embedded\/main\.ts/],
  ['API', /services\/api\/main\.ts/],
  ['worker', /services\/worker\/main\.ts/],
  ['Temporal', /temporal server/],
  ['PostgreSQL', /postgres/],
  ['BigQuery engine', /serve_bigquery/],
  ['Storage engine', /fake|storage/],
]

/**
 * What all processes of a fresh `npm start` hold, in MiB, with pages that several share counted once (PSS): fresh,
 * after a load, and a minute later. Only where there is /proc.
 */
export async function memory(
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  if (process.platform !== 'linux') return []
  print('Starting an instance of its own for its memory …')
  const instance = await startInstance({ silent: true })
  try {
    // At rest: what a start opens, connections above all, is closed again when nobody has needed it for a while.
    await sleep(20_000)
    const fresh = await held(instance.pid)
    print('Loading it: 5,000 tasks and 200 commands …')
    const client = createClient(instance.url)
    const dig =
      '+a: {loop>: 5000, _parallel: {limit: 100}, _do: {echo>: hello}}\n+b: {loop>: 200, _parallel: true, _do: {sh>: ":"}}\n'
    accepted(await client.push('memory', { 'load.dig': dig }))
    const { id } = accepted(await client.start('memory', 'load', '2001-01-05T00:00:00Z')) as {
      id: string
    }
    await client.finished(id, 600)
    const loaded = await held(instance.pid)
    await sleep(60_000)
    const later = await held(instance.pid)
    const names = parts.map(([name]) => name).filter((name) => fresh.has(name) || later.has(name))
    const cell = (from: ReadonlyMap<string, number>, name: string): string =>
      Math.round(from.get(name) ?? 0).toString()
    const sum = (from: ReadonlyMap<string, number>): string =>
      Math.round([...from.values()].reduce((all, one) => all + one, 0)).toString()
    return [
      ['MiB', 'fresh', 'after load', 'a minute later'],
      ...names.map((name) => [name, cell(fresh, name), cell(loaded, name), cell(later, name)]),
      ['together', sum(fresh), sum(loaded), sum(later)],
    ]
  } finally {
    await instance.stop()
  }
}

/** By part, of a process and all that it started. */
async function held(pid: number): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>()
  for (const one of await descendants(pid)) {
    const command = await readFile(`/proc/${one}/cmdline`, 'utf8').catch(() => '')
    const rollup = await readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => '')
    const kilobytes = Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0)
    const name =
      parts.find(([, pattern]) => pattern.test(command.replaceAll('\0', ' ')))?.[0] ?? 'other'
    sums.set(name, (sums.get(name) ?? 0) + kilobytes / 1024)
  }
  return sums
}

async function descendants(root: number): Promise<readonly number[]> {
  const parentOf = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // Behind the command's name, which may hold blanks and brackets.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    parentOf.set(Number(name), Number(parent))
  }
  const below = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parentOf.get(at)) {
      if (at === root) return true
    }
    return false
  }
  return [...parentOf.keys()].filter(below)
}
