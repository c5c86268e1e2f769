import { get } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { Stack } from '#harness/stack/stack.ts'
import { median } from './median.ts'

/** Groups of three tasks below one `for_each>`: 20,000 tasks. */
const groups = 5_000
const rounds = 9

interface Answered {
  readonly milliseconds: number
  /** As they came over the wire: as gzip, but for the smallest. */
  readonly bytes: number
  readonly text: string
}

/** What it takes to read how all tasks of a large attempt stand: in Digdag's form, in little room, and what changed. */
export async function tasks(
  stack: Stack,
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  print(`Filling in an attempt of ${groups * 4 + 3} tasks …`)
  const { attempt, group } = await fill(stack)
  const path = `/api/attempts/${attempt}/tasks`
  const rows = [['reading 20,000 tasks', 'ms', 'KiB as gzip', 'KiB']]
  const measure = async (what: string, ask: () => Promise<Answered>): Promise<void> => {
    const answers: Answered[] = []
    for (let round = 0; round < rounds; round += 1) answers.push(await ask())
    const last = answers.at(-1)!
    rows.push([
      what,
      median(answers.map(({ milliseconds }) => milliseconds)).toFixed(0),
      (last.bytes / 1024).toFixed(1),
      (last.text.length / 1024).toFixed(0),
    ])
  }
  const read = (query = ''): Promise<Answered> => answered(`${stack.url}${path}${query}`)
  const cursor = async (): Promise<string> => {
    const { since } = JSON.parse((await read('/compact')).text) as {
      readonly since: string
    }
    return since
  }
  await measure("in Digdag's form", () => read())
  await measure('compact, in full', () => read('/compact?full=true'))
  await measure('compact, large groups folded', () => read('/compact'))
  await measure('a page of a folded group', () => read(`/compact?expand=${group}`))
  await measure('since, 10 changes', async () => {
    const since = await cursor()
    await stack.query(
      `update tasks set version = version + 1, updated_at = now() where id in (
        select id from tasks where attempt_id = $1 and operator = 'echo' order by random() limit 10)`,
      [attempt],
    )
    return read(`/compact?since=${since}`)
  })
  await measure('since, nothing changed', async () => read(`/compact?since=${await cursor()}`))
  return rows
}

/** Rows as an attempt leaves them whose groups run side by side; one task in a hundred failed. */
async function fill(stack: Stack): Promise<{ readonly attempt: number; readonly group: number }> {
  const [{ id: attempt } = { id: 0 }] = await stack.query<{ id: number }>(`
    with p as (insert into projects (name) values ('bench-tasks') returning id),
    r as (insert into revisions (project_id, name, archive, archive_md5) select id, 'r1', '', '' from p returning id),
    w as (
      insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition)
      select r.id, p.id, 'daily', 'UTC', 'runAttempt', '{}', '{}' from r, p returning id),
    s as (
      insert into sessions (project_id, workflow_name, session_time) select id, 'daily', '2001-01-05' from p returning id)
    insert into attempts (session_id, project_id, workflow_id, index, started_at, finished_at, success)
    select s.id, p.id, w.id, 1, now(), now(), false from s, p, w returning id::int`)
  await stack.query(
    `with ids as (
      select array(select nextval(pg_get_serial_sequence('tasks', 'id')) from generate_series(1, 3 + 4 * $2::int)) as id),
    above as (
      insert into tasks (id, attempt_id, parent_id, full_name, name, operator, state, version, started_at, finished_at)
      overriding system value
      select id[place], $1, case when place > 1 then id[place - 1] end, full_name, name, operator, 'group_error', 3,
        case when operator is not null then now() end, now() + interval '10 minutes'
      from ids, (values (1, '+daily', '+daily', null), (2, '+daily+all', '+all', 'for_each'),
        (3, '+daily+all^sub', '^sub', null)) v (place, full_name, name, operator)),
    groups as (
      select n, 4 * n as place, '+for-0=table=' || n - 1 || '=table_' || n as name, n * 37 + random() * 5000 as start
      from generate_series(1, $2::int) n),
    standing as (
      insert into tasks (id, attempt_id, parent_id, full_name, name, config, exports, state, version, finished_at)
      overriding system value
      select id[place], $1, id[3], '+daily+all^sub' || name, name, '{"_export": {}}', json_build_object('table', n),
        case when n % 33 = 0 then 'group_error' else 'success' end, 2, now() + (start + 400) * interval '1 millisecond'
      from ids, groups)
    insert into tasks (id, attempt_id, parent_id, full_name, name, operator, config, state, version, upstreams, outcome,
      error, error_code, started_at, finished_at)
    overriding system value
    select id[place + step], $1, id[place], '+daily+all^sub' || groups.name || leaf.name, leaf.name, leaf.operator,
      json_build_object(leaf.operator || '>', 'load ' || groups.name, 'destination_table', 'dwh.' || groups.name),
      case when failed then 'error' else 'success' end, 2,
      case when step = 1 then '{}' else array[id[place + step - 1]] end, '{"kind": "done"}',
      case when failed then json_build_object('message', 'Table ' || groups.name || ' was not found in location asia-northeast1') end,
      case when failed then 'JOB' end,
      now() + (start + 100 * step + random() * 90) * interval '1 millisecond',
      now() + (start + 100 * step + 90 + random() * 400) * interval '1 millisecond'
    from ids, groups, (values (1, '+check', 'echo'), (2, '+load', 'bq'), (3, '+report', 'sh')) leaf (step, name, operator),
      lateral (select groups.n % 33 = 0 and step = 3 as failed) f`,
    [attempt, groups],
  )
  await stack.query('vacuum analyze tasks')
  const [{ id: group } = { id: 0 }] = await stack.query<{ id: number }>(
    "select id::int from tasks where attempt_id = $1 and name = '^sub'",
    [attempt],
  )
  return { attempt, group }
}

const answered = (url: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(pieces)
        if (response.statusCode !== 200) return reject(new Error(`${url}: ${response.statusCode}`))
        const milliseconds = performance.now() - began
        const zipped = response.headers['content-encoding'] === 'gzip'
        const text = (zipped ? gunzipSync(body) : body).toString()
        resolve({ milliseconds, bytes: body.length, text })
      })
    }).on('error', reject)
  })
