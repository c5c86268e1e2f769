import { readFile, writeFile } from 'node:fs/promises'
import { accepted } from '#client/request.ts'
import type { Stack } from '#harness/stack/stack.ts'
import { median } from './median.ts'

const screen = 64 * 1024
const chunk = 128 * 1024
const megabytes = 100
/** Of the attempt whose logs are merged: so many tasks, and chunks of each. */
const many = { tasks: 2_000, chunks: 4, chunkBytes: 12_800 }
const rounds = 5

interface Row {
  readonly what: string
  readonly query: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes after which the clock is stopped; to the end if absent. */
  readonly until?: number
}

/** How long readers of a log of 100 MB wait, and what it costs the API's process. */
export async function logs(
  stack: Stack,
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  print(`Writing a log of ${megabytes} MB, and ${many.tasks} of 50 kB …`)
  const large = await fill(stack, {
    tasks: 1,
    chunks: (megabytes * 1e6) / chunk,
    chunkBytes: chunk,
  })
  const wide = await fill(stack, many)
  const { taskId, size } = large
  const one = `${large.path}?task_id=${taskId}`
  const rows: readonly Row[] = [
    { what: 'first 64 KiB of it', query: `${one}&limit=${screen}` },
    { what: 'first 64 KiB of the whole, as it comes', query: one, until: screen },
    jump('64 KiB in the middle', Math.floor(size / 2)),
    jump('64 KiB at the end', size - screen),
    { what: 'tail=200', query: `${one}&tail=200` },
    { what: 'search for what is at the end', query: `${one}&search=the+last+line` },
    {
      what: 'the same, case ignored',
      query: `${one}&search=THE+LAST+LINE&ignore_case=true`,
    },
    { what: 'all of it', query: one },
    { what: `${many.tasks} tasks by time: first 64 KiB`, query: wide.path, until: screen },
    { what: `${many.tasks} tasks by time: tail=200`, query: `${wide.path}?tail=200` },
    { what: `${many.tasks} tasks by time: all of it`, query: wide.path },
    { what: `${many.tasks} tasks: search`, query: `${wide.path}?search=the+last+line` },
  ]
  function jump(what: string, from: number): Row {
    return { what, query: one, headers: { range: `bytes=${from}-${from + screen - 1}` } }
  }

  const table = [['', 'ms', 'kB answered', 'API grows, MiB']]
  for (const row of rows) {
    print(`Reading: ${row.what} …`)
    const taken: number[] = []
    let bytes = 0
    const memory = await startMemory(stack.apiProcess.pid)
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now()
      bytes = await read(stack.url, row)
      taken.push(performance.now() - began)
    }
    const grown = await memory.grown()
    table.push([
      row.what,
      median(taken).toFixed(0),
      (bytes / 1000).toFixed(0),
      grown === undefined ? '' : grown.toFixed(0),
    ])
  }
  return table
}

async function read(url: string, { query, headers = {}, until }: Row): Promise<number> {
  const stop = new AbortController()
  const response = await fetch(url + query, { headers, signal: stop.signal })
  if (!response.ok || response.body === null) throw new Error(await response.text())
  let bytes = 0
  for await (const piece of response.body) {
    bytes += piece.length
    if (until !== undefined && bytes >= until) break
  }
  stop.abort()
  return bytes
}

let attempts = 0

/** An attempt with tasks that have printed so many chunks each, in turns. */
async function fill(
  stack: Stack,
  { tasks, chunks, chunkBytes }: typeof many,
): Promise<{ readonly path: string; readonly taskId: number; readonly size: number }> {
  const { api } = stack
  attempts += 1
  accepted(await api.push('logs', { 'printed.dig': '+only: {echo>: hello}' }))
  const started = accepted(await api.start('logs', 'printed', `200${attempts}-01-05T00:00:00Z`))
  const { id } = started as { readonly id: string }
  await api.finished(id)
  await stack.query(
    `with t as (
      insert into tasks (attempt_id, full_name, name, operator, state, finished_at)
      select $1, '+printed+t' || n, '+t' || n, 'sh', 'success', now() from generate_series(1, $2::int) n
      returning id, full_name),
    f as (
      insert into log_files (attempt_id, task_id, full_name, agent, retries)
      select $1, id, full_name, '1@bench', 0 from t returning id)
    insert into log_chunks (file_id, seq, start, text, written_at)
    select f.id, c, c * $4::bigint, rpad((
        select string_agg(format('2026-01-05 00:00:00.%s +0000 [INFO] row %s of the table: %s', l, c * 1000 + l, md5((c * 1000 + l)::text)), chr(10))
        from generate_series(1, $4::int / 90) l
      ), $4::int - 15, '.') || case when c = $3::int - 1 then ' the last line' else ' and another.  ' end || chr(10),
      now() + make_interval(secs => c)
    from f, generate_series(0, $3::int - 1) c`,
    [id, tasks, Math.floor(chunks), chunkBytes],
  )
  await stack.query('vacuum analyze log_files, log_chunks')
  const [task] = await stack.query<{ id: number; size: number }>(
    `select f.task_id::int as id, sum(octet_length(text))::float8 as size
    from log_files f join log_chunks c on c.file_id = f.id where f.attempt_id = $1 and f.agent = '1@bench'
    group by f.task_id order by 1 limit 1`,
    [id],
  )
  if (task === undefined) throw new Error('Nothing was written')
  return { path: `/api/attempts/${id}/log`, taskId: task.id, size: task.size }
}

/** How far a process's memory has risen above what it held. Only where there is /proc. */
async function startMemory(pid: number | undefined) {
  const status = `/proc/${pid}/status`
  const held = async (name: string): Promise<number | undefined> => {
    const text = await readFile(status, 'utf8').catch(() => '')
    const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  }
  // Its highest mark begins anew.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined)
  const before = await held('VmRSS')
  return {
    async grown(): Promise<number | undefined> {
      const highest = await held('VmHWM')
      return before === undefined || highest === undefined ? undefined : highest - before
    },
  }
}
