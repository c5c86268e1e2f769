import { expect, test } from 'vitest'
import { temporalIdOf } from '#harness/stack/temporal-id.ts'
import { useStack } from '#harness/stack/use-stack.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'

const stack = await useStack()

const dig = (text: string): Record<string, string> => ({ 'daily.dig': text })

/** Pushes a project with one workflow and starts it for a day. */
async function started(project: string, files: Record<string, string>, day = '2001-01-05') {
  const pushed = await stack.api.push(project, files)
  expect(pushed).toMatchObject({ status: 200 })
  const answer = await stack.api.start(project, 'daily', `${day}T00:00:00Z`)
  expect(answer).toMatchObject({ status: 200 })
  return answer.body['id'] as string
}

test('a pushed project runs: parameters, groups, loops, conditions and logs', async () => {
  const id = await started('language', {
    'daily.dig': `
_export: {greeting: hello}
+say: {echo>: "\${greeting} \${session_date}"}
+loop:
  loop>: 3
  _do: {+x: {echo>: "round \${i}"}}
+each:
  for_each>: {fruit: [apple, orange]}
  _parallel: true
  _do: {sh>: "echo eat \${fruit}"}
+choose:
  if>: \${session_unixtime > 0}
  _do: {echo>: "yes"}
  _else_do: {fail>: "no"}
+sub: {call>: other.dig}
+py: {py>: tasks.store_it}
+after: {echo>: "stored \${answer}"}
`,
    'other.dig': '+called: {echo>: "called with ${greeting}"}',
    'tasks.py': "import digdag\n\ndef store_it():\n    digdag.env.store({'answer': 42})\n",
  })
  expect(await stack.api.finished(id)).toMatchObject({ status: 'success', success: true })
  const tasks = await stack.api.tasks(id)
  expect(tasks.every(({ state }) => state === 'success')).toBe(true)
  expect(tasks.map(({ fullName }) => fullName)).toContain('+daily+loop^sub+loop-2+x')
  expect(await stack.api.log(id, '+daily+say')).toContain('hello 2001-01-05')
  expect(await stack.api.log(id, '+daily+each^sub+for-0=fruit=1=orange')).toContain('eat orange')
  expect(await stack.api.log(id, '+daily+sub^sub+called')).toContain('called with hello')
  expect(await stack.api.log(id, '+daily+after')).toContain('stored 42')
})

test('a second start of the same session is answered with the first one', async () => {
  const id = await started('once', dig('+a: {echo>: hi}'))
  const again = await stack.api.start('once', 'daily', '2001-01-05T00:00:00Z')
  expect(again).toMatchObject({ status: 409, body: { id } })
})

test('a start with the same idempotency key is the same attempt', async () => {
  await stack.api.push('keyed', dig('+a: {echo>: hi}'))
  const key = { 'idempotency-key': 'order-17' }
  const first = await stack.api.start('keyed', 'daily', '2001-01-05T00:00:00Z', {}, key)
  const second = await stack.api.start('keyed', 'daily', '2001-01-06T00:00:00Z', {}, key)
  expect([first.status, second.status]).toEqual([200, 200])
  expect(second.body['id']).toBe(first.body['id'])
})

test('a bad project is refused whole, with every mistake and where it is', async () => {
  const { status, body } = await stack.api.push('broken', {
    'daily.dig': '+a:\n  echo>: hi\n  sh>: ls\n+b:\n  +c: {echo>: x}\n  colour: red\n',
    'other.dig': 'timezone: Mars/Phobos\n+a: {echo>: x}\n',
  })
  expect(status).toBe(400)
  expect(body['message']).toMatch(/more than one operator/)
  expect(body['message']).toMatch(/daily\.dig:/)
  expect(body['message']).toMatch(/colour/)
  expect(body['message']).toMatch(/Mars\/Phobos/)
  expect((await stack.api.request('GET', '/api/projects?name=broken')).body['projects']).toEqual([])
})

test('a failure names the task, runs _error, and can be resumed from the failed task', async () => {
  const files = {
    'daily.dig': `
+a: {sh>: "echo first >> $MARKS"}
+b: {sh>: "test -e \${flag}"}
_error: {echo>: "it went wrong: \${error.message}"}
`.replaceAll('$MARKS', `${stack.scratch}/marks`),
  }
  await stack.api.push('resumed', files)
  const params = { flag: `${stack.scratch}/missing` }
  const session = '2001-01-05T00:00:00Z'
  const first = await stack.api.start('resumed', 'daily', session, { params })
  const id = first.body['id'] as string
  expect(await stack.api.finished(id)).toMatchObject({ status: 'error' })
  const failed = (await stack.api.tasks(id)).find(({ fullName }) => fullName === '+daily+b')
  expect(failed?.error.message).toContain('Command failed with code 1')
  expect(await stack.api.log(id, '+daily^error')).toContain('it went wrong: Command failed')

  const second = await stack.api.start('resumed', 'daily', session, {
    params: { flag: stack.scratch },
    retryAttemptName: 'second',
    resume: { mode: 'failed', attemptId: id },
  })
  expect(second.status).toBe(200)
  const secondId = second.body['id'] as string
  expect(await stack.api.finished(secondId)).toMatchObject({ status: 'success' })
  const [marks] = await stack.query<{ count: string }>(
    "select count(*) from log_files where full_name = '+daily+a' and attempt_id = any($1)",
    [[id, secondId]],
  )
  expect(Number(marks?.count)).toBe(1)
})

test('a kill stops the running command, and what waits for it never starts', async () => {
  const id = await started('killed', dig('+a: {sh>: "sleep 300"}\n+b: {echo>: never}'))
  await stack.api.taskIn(id, '+daily+a', ['running'])
  const kill = await stack.api.request('POST', `/api/attempts/${id}/kill`, {})
  expect(kill.status).toBe(200)
  expect(await stack.api.finished(id, 40)).toMatchObject({ status: 'killed', success: false })
  const tasks = await stack.api.tasks(id)
  const states = tasks.map(({ fullName, state }) => `${fullName} ${state}`)
  expect(states).toEqual(['+daily canceled', '+daily+a canceled', '+daily+b blocked'])
  expect(tasks.map(({ cancelRequested }) => cancelRequested)).toEqual([true, true, true])
  expect((await stack.api.request('POST', `/api/attempts/${id}/kill`, {})).status).toBe(409)
})

const slowQuery =
  'SELECT SUM(MOD(a * b, 7)) AS s FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS a, UNNEST(GENERATE_ARRAY(1, 30000)) AS b'

test('a worker killed in the middle of a BigQuery task is replaced: one job, and success', async () => {
  const id = await started('crash', {
    'daily.dig': `+slow: {bq>: {data: "${slowQuery}"}}\n+end: {echo>: "job \${bq.last_job_id}"}`,
  })
  await stack.api.taskIn(id, '+daily+slow', ['running'])
  await expect.poll(async () => jobsOf('crash'), { timeout: 30_000, interval: 100 }).toHaveLength(1)
  await stack.worker.crash()
  const [whileDown] = (await stack.api.tasks(id)).filter(
    ({ fullName }) => fullName === '+daily+slow',
  )
  expect(whileDown?.state).toBe('running')
  await stack.worker.start()
  expect(await stack.api.finished(id, 180)).toMatchObject({ status: 'success' })
  const jobs = await jobsOf('crash')
  expect(jobs).toHaveLength(1)
  expect(await stack.api.log(id, '+daily+end')).toContain(jobs[0]!)
  const usages = await stack.query(
    'select task, try, status, ended_at is not null as ended from reporting.usages where attempt_id = $1',
    [id],
  )
  expect(usages).toEqual([{ task: '+daily+slow', try: 1, status: 'success', ended: true }])
}, 240_000)

/** Ids of the jobs that the engine knows for a project. */
async function jobsOf(project: string): Promise<readonly string[]> {
  const engine = `${stack.env['BIGQUERY_API_ENDPOINT']}/bigquery/v2`
  const path = `/projects/${stack.env['GOOGLE_CLOUD_PROJECT']}/jobs?maxResults=1000&projection=full`
  const { jobs = [] } = (await (await fetch(engine + path)).json()) as {
    jobs?: {
      jobReference: { jobId: string }
      configuration?: { labels?: Record<string, string> }
    }[]
  }
  return jobs
    .filter(({ configuration }) => configuration?.labels?.['suiro_project'] === project)
    .map(({ jobReference }) => jobReference.jobId)
}

test('what happened is readable while every worker is down', async () => {
  const id = await started('dark', dig('+a: {echo>: before}\n+b: {sh>: "sleep 20"}'))
  await stack.api.taskIn(id, '+daily+b', ['running'])
  await stack.worker.crash()
  const states = (await stack.api.tasks(id)).map(({ fullName, state }) => `${fullName} ${state}`)
  expect(states).toEqual(['+daily planned', '+daily+a success', '+daily+b running'])
  expect(await stack.api.log(id, '+daily+a')).toContain('before')
  await stack.worker.start()
  await stack.api.request('POST', `/api/attempts/${id}/kill`, {})
  expect(await stack.api.finished(id, 60)).toMatchObject({ status: 'killed' })
}, 120_000)

test('a scheduled workflow has a Temporal Schedule, and its tick starts the right session', async () => {
  const { body } = await stack.api.push('ticking', {
    'daily.dig':
      'timezone: Asia/Tokyo\nschedule: {daily>: "05:00:00"}\n+a: {echo>: "${session_time}"}',
  })
  const schedules = await stack.api.request(
    'GET',
    `/api/projects/${body['id'] as string}/schedules`,
  )
  const [schedule] = schedules.body['schedules'] as {
    id: string
    nextScheduleTime: string
  }[]
  expect(schedule?.nextScheduleTime).toMatch(/T00:00:00\+09:00$/)
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  try {
    const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
    // A push answers within a moment; where Temporal is slow its schedule comes a little later.
    const handle = client.schedule.getHandle(`ticking/daily/schedule-${schedule!.id}`)
    const known = () =>
      handle.describe().then(
        () => true,
        () => false,
      )
    await expect.poll(known, { timeout: 30_000 }).toBe(true)
    await handle.trigger()
    const attempts = async () =>
      (await stack.api.request('GET', '/api/attempts?project=ticking')).body['attempts'] as {
        id: string
        sessionTime: string
      }[]
    await expect.poll(attempts, { timeout: 30_000 }).toHaveLength(1)
    const [attempt] = await attempts()
    expect(attempt?.sessionTime).toMatch(/T00:00:00\+09:00$/)
    expect(await stack.api.finished(attempt!.id)).toMatchObject({ status: 'success' })
    expect(await stack.api.log(attempt!.id, '+daily+a')).toContain(attempt!.sessionTime)
  } finally {
    await connection.close()
  }
})

test('no secret reaches the API, the log, the database in clear, or a Temporal history', async () => {
  const secret = 'open-sesame-4711'
  const { body } = await stack.api.push('secretive', {
    'daily.dig': '+a: {sh>: "echo the word is $WORD", _env: {WORD: "${secret:word}"}}',
  })
  const projectId = body['id'] as string
  const path = `/api/projects/${projectId}/secrets/word`
  const put = await stack.api.request('PUT', path, { value: secret })
  expect(put.status).toBeLessThan(300)
  const answer = await stack.api.start('secretive', 'daily', '2001-01-05T00:00:00Z')
  const id = answer.body['id'] as string
  expect(await stack.api.finished(id)).toMatchObject({ status: 'success' })
  const log = await stack.api.log(id, '+daily+a')
  expect(log).toContain('the word is ***')
  const seen = [log, JSON.stringify(await stack.api.tasks(id))]
  const rows = await stack.query('select * from tasks where attempt_id = $1', [id])
  seen.push(JSON.stringify(rows))
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
  const history = await client.workflow.getHandle(await temporalIdOf(stack, id)).fetchHistory()
  const text = JSON.stringify(history, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  )
  await connection.close()
  expect([...seen, text].join('\n')).not.toContain(secret)
})
