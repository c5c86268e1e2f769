import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type PlayOptions, type Stage } from '#harness/stage/play.ts'
import { paramsOperator } from '../testing/operators.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage([paramsOperator])
})
afterAll(() => stage.close())

/** What the tasks of a workflow print, by their names below the root. */
const outputs = async (dig: string, options: PlayOptions = {}) => {
  const played = await stage.play({ 'case.dig': dig }, options)
  expect(played.end).toEqual({ state: 'success' })
  const names = played.tasks.filter((task) => task.operator === 'echo').map((row) => row.fullName)
  const lines = await Promise.all(
    names.map(async (name) => [name.slice('+case'.length), (await played.output(name)).trimEnd()]),
  )
  return Object.fromEntries(lines)
}

describe('built-in variables', () => {
  const basic =
    '+t: {echo>: "${session_time}|${session_date}|${session_date_compact}|${session_local_time}|${session_tz_offset}|${session_unixtime}|${task_name}|${timezone}"}'

  test.each([
    [
      'UTC',
      '2026-03-05T00:00:00Z',
      '2026-03-05T00:00:00+00:00|2026-03-05|20260305|2026-03-05 00:00:00|+0000|1772668800|+case+t|UTC',
    ],
    [
      'Asia/Tokyo',
      '2026-03-05T00:00:00+09:00',
      '2026-03-05T00:00:00+09:00|2026-03-05|20260305|2026-03-05 00:00:00|+0900|1772636400|+case+t|Asia/Tokyo',
    ],
    [
      'America/New_York',
      '2026-03-08T03:00:00-04:00',
      '2026-03-08T03:00:00-04:00|2026-03-08|20260308|2026-03-08 03:00:00|-0400|1772953200|+case+t|America/New_York',
    ],
  ])('give the session time in %s', async (zone, sessionTime, expected) => {
    const dig = `timezone: ${zone}\n${basic}`
    expect(await outputs(dig, { sessionTime })).toEqual({ '+t': expected })
  })

  const around =
    '+t: {echo>: "${last_session_time}|${last_session_date_compact}|${last_session_local_time}|${last_session_unixtime}|${next_session_time}|${next_session_date}|${next_session_tz_offset}|${next_session_unixtime}"}'

  test.each([
    [
      'cron>: "15 4 * * 1-5"',
      '2026-03-05T04:15:00+09:00',
      '2026-03-04T04:15:00+09:00|20260304|2026-03-04 04:15:00|1772565300|2026-03-06T04:15:00+09:00|2026-03-06|+0900|1772738100',
    ],
    [
      'daily>: "07:00:00"',
      '2026-03-05T00:00:00+09:00',
      '2026-03-04T00:00:00+09:00|20260304|2026-03-04 00:00:00|1772550000|2026-03-06T00:00:00+09:00|2026-03-06|+0900|1772722800',
    ],
    [
      'hourly>: "30:00"',
      '2026-03-05T05:00:00+09:00',
      '2026-03-05T04:00:00+09:00|20260305|2026-03-05 04:00:00|1772650800|2026-03-05T06:00:00+09:00|2026-03-05|+0900|1772658000',
    ],
    [
      'minutes_interval>: 15',
      '2026-03-05T05:15:00+09:00',
      '2026-03-05T05:00:00+09:00|20260305|2026-03-05 05:00:00|1772654400|2026-03-05T05:30:00+09:00|2026-03-05|+0900|1772656200',
    ],
    [
      'monthly>: "1,09:00:00"',
      '2026-03-01T00:00:00+09:00',
      '2026-02-01T00:00:00+09:00|20260201|2026-02-01 00:00:00|1769871600|2026-04-01T00:00:00+09:00|2026-04-01|+0900|1774969200',
    ],
    [
      'weekly>: "Mon,09:00:00"',
      '2026-03-02T00:00:00+09:00',
      '2026-02-23T00:00:00+09:00|20260223|2026-02-23 00:00:00|1771772400|2026-03-09T00:00:00+09:00|2026-03-09|+0900|1772982000',
    ],
  ])('give the sessions around it for %s', async (schedule, sessionTime, expected) => {
    const dig = `timezone: Asia/Tokyo\nschedule: {${schedule}}\n${around}`
    expect(await outputs(dig, { sessionTime })).toEqual({ '+t': expected })
  })

  test('give the last executed session, and nothing when there is none', async () => {
    const dig =
      '+t: {echo>: "${last_executed_session_time}|${last_executed_session_date}|${last_executed_session_unixtime}|${last_executed_session_tz_offset}"}'
    expect(await outputs(dig)).toEqual({ '+t': '|||+0000' })
    const params = { last_executed_session_time: '2026-03-01T00:00:00+00:00' }
    expect(await outputs(dig, { params })).toEqual({
      '+t': '2026-03-01T00:00:00+00:00|2026-03-01|1772323200|+0000',
    })
  })

  test('name project, session and attempt', async () => {
    const played = await stage.play({ 'case.dig': '+t: {params>: }' })
    const { attempt } = played
    expect(JSON.parse(await played.output('+case+t'))).toMatchObject({
      session_uuid: attempt.sessionUuid,
      session_id: attempt.sessionId,
      attempt_id: attempt.id,
      project_id: attempt.projectId,
      retry_attempt_name: attempt.retryAttemptName,
      _type: 'params',
      _command: null,
    })
  })

  test('win over exports, and give way to what is written at the task itself', async () => {
    expect(
      await outputs(`
_export: {timezone: Mars, session_date: never}
+a: {echo>: "\${timezone} \${session_date}"}
+b:
  echo>: "\${timezone} \${session_date}"
  timezone: here`),
    ).toEqual({ '+a': 'UTC 2026-03-05', '+b': 'here 2026-03-05' })
    const played = await stage.play({ 'case.dig': '+t: {params>: , timezone: here}' })
    expect(JSON.parse(await played.output('+case+t')).timezone).toBe('here')
  })

  const times = '+t: {echo>: "${last_session_time}|${next_session_time}"}'

  test.each([
    // A start by hand, at a time the schedule knows nothing of.
    [
      'UTC',
      'daily>: "07:00:00"',
      '2026-03-05T10:30:00Z',
      '2026-03-05T00:00:00+00:00|2026-03-06T00:00:00+00:00',
    ],
    [
      'UTC',
      'minutes_interval>: 25',
      '2026-03-05T10:30:00Z',
      '2026-03-05T10:25:00+00:00|2026-03-05T10:50:00+00:00',
    ],
    [
      'UTC',
      'monthly>: "31,09:00:00"',
      '2026-04-15T00:00:00Z',
      '2026-03-31T00:00:00+00:00|2026-05-31T00:00:00+00:00',
    ],
    // The hour that summer time takes away, and the one that it gives back.
    [
      'America/New_York',
      'hourly>: "00:00"',
      '2026-03-08T03:00:00-04:00',
      '2026-03-08T01:00:00-05:00|2026-03-08T04:00:00-04:00',
    ],
    [
      'America/New_York',
      'hourly>: "00:00"',
      '2026-11-01T01:00:00-05:00',
      '2026-11-01T01:00:00-04:00|2026-11-01T02:00:00-05:00',
    ],
    [
      'America/New_York',
      'daily>: "07:00:00"',
      '2026-03-08T00:00:00-05:00',
      '2026-03-07T00:00:00-05:00|2026-03-09T00:00:00-04:00',
    ],
    [
      'America/New_York',
      'weekly>: "Sun,09:00:00"',
      '2026-11-01T00:00:00-04:00',
      '2026-10-25T00:00:00-04:00|2026-11-08T00:00:00-05:00',
    ],
  ])('in %s {%s} at %s', async (timezone, schedule, sessionTime, expected) => {
    const dig = `timezone: ${timezone}\nschedule: {${schedule}}\n${times}`
    expect(await outputs(dig, { sessionTime })).toEqual({ '+t': expected })
  })

  test('without a schedule there is no session before or after', async () => {
    expect(
      await outputs('+t: {echo>: "${typeof last_session_time} ${typeof next_session_unixtime}"}'),
    ).toEqual({ '+t': 'undefined undefined' })
  })

  test('are of the types that Digdag gives them', async () => {
    const types =
      "${[session_id, attempt_id, project_id, session_unixtime, session_uuid, task_name].map(function (v) { return typeof v }) + ' ' + typeof retry_attempt_name}"
    const expected = 'number,number,number,number,string,string'
    expect(await outputs(`+t: {echo>: "${types}"}`)).toEqual({ '+t': `${expected} string` })
    expect(await outputs(`+t: {echo>: "${types}"}`, { retryAttemptName: '' })).toEqual({
      '+t': `${expected} undefined`,
    })
  })

  test('are those of the attempt, not of a called file', async () => {
    const played = await stage.play(
      {
        'case.dig': 'timezone: Asia/Tokyo\n+a: {call>: other}',
        'other.dig': 'timezone: UTC\n+t: {echo>: "${timezone} ${session_local_time} ${task_name}"}',
      },
      { sessionTime: '2026-03-05T00:00:00Z' },
    )
    expect(await played.output('+case+a^sub+t')).toBe(
      'Asia/Tokyo 2026-03-05 09:00:00 +case+a^sub+t\n',
    )
  })
})
