import { ScheduleNotFoundError } from '@temporalio/client'
import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Schedule, ScheduleSummary } from '../schemas/schedule.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'
import { createScheduleControl } from '../temporal/schedules.ts'
import { createTestTemporal, eventually, scheduleIn } from '../testing/temporal.ts'

type ScheduleAnswer = Static<typeof Schedule>

let api: TestApi
let quick: TestApi
beforeAll(async () => {
  api = await createTestApi()
  // As it runs: an answer does not wait until Temporal has heard of everything.
  quick = await createTestApi({ answerAfterMs: 1_000 })
})
afterAll(async () => {
  await api.close()
  await quick.close()
})

const scheduled = (...lines: readonly string[]) =>
  `${['timezone: Asia/Tokyo', 'schedule:', ...lines.map((line) => `  ${line}`)].join('\n')}\n+a:\n  echo>: hi\n`
const daily = scheduled('daily>: "07:00:00"')

async function ofProject(name: string): Promise<readonly ScheduleAnswer[]> {
  const project = await api.store.projects.findByName(name)
  const path = `/api/projects/${project?.id}/schedules`
  return (await api.ask<{ schedules: readonly ScheduleAnswer[] }>('GET', path)).body.schedules
}

async function only(name: string): Promise<ScheduleAnswer> {
  const [schedule] = await ofProject(name)
  if (schedule === undefined) throw new Error(`${name} has no schedule`)
  return schedule
}

const inTemporal = (id: string) => scheduleIn(api, id)
const set = (id: string, what: 'enable' | 'disable') =>
  api.ask<Static<typeof ScheduleSummary>>('POST', `/api/schedules/${id}/${what}`)

test('a push makes a Temporal Schedule that fires at the schedule’s own times', async () => {
  await api.push('one', 'r1', { 'w.dig': daily })
  const schedule = await only('one')
  const described = await (await inTemporal(schedule.id)).describe()
  expect(described.action).toMatchObject({
    workflowType: 'fireSchedule',
    taskQueue: 'control',
    args: [{ scheduleId: Number(schedule.id) }],
  })
  expect(described.policies).toMatchObject({ overlap: 'ALLOW_ALL', catchupWindow: 86_400_000 })
  expect(described.state).toMatchObject({ paused: false, note: 'one/w: daily> 07:00:00' })
  const [next] = described.info.nextActionTimes
  expect(next?.toISOString()).toBe(schedule.nextRunTime.replace('Z', '.000Z'))
  expect(schedule.nextScheduleTime).toMatch(/T00:00:00\+09:00$/)
})

test('another push changes it in place, and a workflow that vanishes takes it along', async () => {
  await api.push('two', 'r1', { 'w.dig': daily })
  const before = await only('two')
  await api.push('two', 'r2', { 'w.dig': scheduled('hourly>: "30:00"') })
  const after = await only('two')
  expect(after.id).toBe(before.id)
  expect((await (await inTemporal(after.id)).describe()).state.note).toBe('two/w: hourly> 30:00')
  await api.push('two', 'r3', { 'other.dig': '+a:\n  echo>: hi\n' })
  expect(await ofProject('two')).toEqual([])
  await expect((await inTemporal(after.id)).describe()).rejects.toThrow(ScheduleNotFoundError)
})

test('a disabled schedule is paused, stays so over a push, and runs again once enabled', async () => {
  await api.push('three', 'r1', { 'w.dig': daily })
  const { id } = await only('three')
  expect((await set(id, 'disable')).body.disabledAt).not.toBeNull()
  await api.push('three', 'r2', { 'w.dig': daily })
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(true)
  expect((await set(id, 'enable')).body.disabledAt).toBeNull()
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(false)
})

test("a schedule paused in Temporal's UI stays paused over a push, until it is enabled", async () => {
  await api.push('four', 'r1', { 'w.dig': daily })
  const { id } = await only('four')
  await (await inTemporal(id)).pause('by hand')
  await api.push('four', 'r2', { 'w.dig': daily })
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(true)
  await set(id, 'enable')
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(false)
})

test('a deleted project leaves no schedule behind', async () => {
  await api.push('five', 'r1', { 'w.dig': daily })
  const { id, project } = await only('five')
  await api.ask('DELETE', `/api/projects/${project.id}`)
  await expect((await inTemporal(id)).describe()).rejects.toThrow(ScheduleNotFoundError)
})

test('what is paused and unpaused in Temporal’s UI is disabled and enabled here, and says by whom', async () => {
  await api.push('by-hand', 'r1', { 'w.dig': daily })
  const { id } = await only('by-hand')
  const handle = await inTemporal(id)
  const swept = async (): Promise<ScheduleAnswer> => {
    await api.reconnected.sweep.once()
    return only('by-hand')
  }
  await handle.pause('a holiday')
  await expect.poll(swept, { timeout: 20_000 }).toMatchObject({
    disabledAt: expect.any(String),
    disabledBy: { kind: 'temporal' },
  })
  await handle.unpause()
  await expect.poll(swept, { timeout: 20_000 }).toMatchObject({ disabledAt: null })
  expect(await only('by-hand')).not.toHaveProperty('disabledBy')
  // And the other way round.
  await set(id, 'disable')
  expect(await swept()).toMatchObject({
    disabledAt: expect.any(String),
    disabledBy: { kind: 'user' },
  })
  await set(id, 'enable')
  expect(await swept()).toMatchObject({ disabledAt: null })
  expect((await handle.describe()).state.paused).toBe(false)
})

test('a schedule under the name of the release before gets the readable one, and stays paused', async () => {
  await api.push('renamed', 'r1', { 'w.dig': daily })
  const { id } = await only('renamed')
  const described = await (await inTemporal(id)).describe()
  await (await inTemporal(id)).delete()
  const { spec, action } = described
  const before = {
    scheduleId: `schedule-${id}`,
    spec,
    action,
    state: { paused: true, note: 'by hand' },
  }
  await api.client.schedule.create(before)
  await eventually(async () => {
    const ids = []
    for await (const { scheduleId } of api.client.schedule.list()) ids.push(scheduleId)
    expect(ids).toContain(`schedule-${id}`)
  })
  await api.database.pool.query('delete from turns')
  await api.reconnected.sweep.once()
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(true)
  expect(await only('renamed')).toMatchObject({ disabledBy: { kind: 'temporal' } })
  await expect(api.client.schedule.getHandle(`schedule-${id}`).describe()).rejects.toThrow(
    ScheduleNotFoundError,
  )
})

test('what Temporal lost comes back, and what the store does not know goes', async () => {
  await api.push('six', 'r1', { 'w.dig': daily })
  const { id } = await only('six')
  await (await inTemporal(id)).delete()
  await api.client.schedule.create({
    scheduleId: 'gone/w/schedule-999999',
    spec: { intervals: [{ every: '1 hour' }] },
    action: { type: 'startWorkflow', workflowType: 'fireSchedule', taskQueue: 'control', args: [] },
  })
  await eventually(async () => {
    const ids = []
    for await (const { scheduleId } of api.client.schedule.list()) ids.push(scheduleId)
    expect(ids).toContain('gone/w/schedule-999999')
  })
  await api.database.pool.query('delete from turns')
  await api.reconnected.sweep.once()
  expect((await (await inTemporal(id)).describe()).state.note).toContain('six/w')
  await expect(api.client.schedule.getHandle('gone/w/schedule-999999').describe()).rejects.toThrow(
    ScheduleNotFoundError,
  )
})

test('a Temporal that was set up anew has all schedules at once, though they were compared a moment ago', async () => {
  const fresh = await createTestApi()
  const wiped = await createTestTemporal()
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const control = createScheduleControl({
    client: wiped.client,
    schedules: fresh.store.schedules,
    log: silent,
    answerAfterMs: 60_000,
  })
  try {
    await fresh.push('wiped', 'r1', { 'w.dig': daily })
    await fresh.reconnected.sweep.once()
    await control.syncIfDue()
    const there = []
    for (const { id } of await fresh.store.schedules.all()) {
      there.push(
        await (await scheduleIn({ store: fresh.store, client: wiped.client }, id)).describe(),
      )
    }
    expect(there).toMatchObject([{ state: { paused: false } }])
  } finally {
    await control.stop()
    await wiped.close()
    await fresh.close()
  }
})

test('enabling a schedule that Temporal lost makes it anew', async () => {
  await api.push('seven', 'r1', { 'w.dig': daily })
  const { id } = await only('seven')
  await (await inTemporal(id)).delete()
  expect((await set(id, 'enable')).status).toBe(200)
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(false)
})

test('schedule_from moves the first session, and a cleared schedule forgets its last one', async () => {
  await api.push('eight', 'r1', { 'w.dig': daily }, '&schedule_from=2030-05-01T00:00:00Z')
  const { id } = await only('eight')
  expect((await only('eight')).nextScheduleTime).toBe('2030-05-02T00:00:00+09:00')
  const times = {
    lastSessionTime: new Date('2030-06-09T15:00:00Z'),
    nextRunTime: new Date('2030-06-10T22:00:00Z'),
    nextSessionTime: new Date('2030-06-10T15:00:00Z'),
  }
  await api.store.schedules.locked(Number(id) as never, (locked) => locked.moveOn(times))
  await api.push('eight', 'r2', { 'w.dig': daily })
  expect((await only('eight')).nextScheduleTime).toBe('2030-06-11T00:00:00+09:00')
  await api.push(
    'eight',
    'r3',
    { 'w.dig': daily },
    '&clear_schedule=w&schedule_from=2030-05-01T00:00:00Z',
  )
  expect((await only('eight')).nextScheduleTime).toBe('2030-05-02T00:00:00+09:00')
})

test('a push that changes no schedule does not ask Temporal', async () => {
  const files = { 'w.dig': daily, 'v.dig': scheduled('hourly>: "30:00"') }
  await api.push('same', 'r1', files)
  const written = async () =>
    Promise.all(
      (await ofProject('same')).map(
        async ({ id }) => (await (await inTemporal(id)).describe()).info,
      ),
    )
  const before = await written()
  await api.push('same', 'r2', { ...files, 'other.dig': '+a: {echo>: hi}\n' })
  expect(await written()).toEqual(before)
  expect(before.map(({ lastUpdatedAt }) => lastUpdatedAt)).toEqual([undefined, undefined])
})

test('500 schedules are stored by one push, and disabled, changed and enabled right after it', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 500 }, (_, n) => [`w${n}.dig`, daily] as const),
  )
  const from = performance.now()
  const { status } = await quick.push('many', 'r1', files)
  expect(status).toBe(200)
  // One after the other they take half a minute.
  expect(performance.now() - from).toBeLessThan(15_000)
  const project = await quick.store.projects.findByName('many')
  const all = await quick.store.schedules.list({ projectId: project!.id, count: 1_000 })
  const [first, second] = [all[498]!.id, all[499]!.id]
  // Temporal is busy with the others: where it does not answer in time, the API says to ask again.
  const ask = (id: number, what: string) =>
    expect
      .poll(async () => (await quick.ask('POST', `/api/schedules/${id}/${what}`)).status, {
        timeout: 30_000,
      })
      .toBe(200)
  await ask(first, 'disable')
  await ask(second, 'disable')
  await ask(second, 'enable')
  const paused = async (id: number) => (await (await scheduleIn(quick, id)).describe()).state.paused
  expect([await paused(first), await paused(second)]).toEqual([true, false])
  await expect
    .poll(async () => (await quick.store.schedules.notInLine()).changed.length, {
      timeout: 120_000,
    })
    .toBeLessThanOrEqual(1)
  expect([await paused(first), await paused(second)]).toEqual([true, false])
}, 240_000)

test('what another process changed too late is put right', async () => {
  await api.push('late', 'r1', { 'w.dig': daily })
  const { id } = await only('late')
  const [row] = await api.store.schedules.list({
    projectId: (await api.store.projects.findByName('late'))!.id,
    count: 1,
  })
  await set(id, 'disable')
  // A process that read the row before it was disabled is done with Temporal only now.
  await (await inTemporal(id)).unpause('as the old row said')
  await api.store.schedules.markInLine(row!, 'the old row')
  await api.reconnected.sweep.once()
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(true)
  expect((await set(id, 'enable')).status).toBe(200)
  await api.reconnected.sweep.once()
  expect((await (await inTemporal(id)).describe()).state.paused).toBe(false)
})
