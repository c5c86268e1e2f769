import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { daily, definition, push, pushOne, revision, start } from './fixtures.ts'
import type { Store } from './index.ts'
import type { ScheduleMove } from './locked-schedule.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

test('a revision name is used once, and the latest revision is the one in force', async () => {
  await push(store, 'revisions', 'r1', definition('old'))
  await push(store, 'revisions', 'r2', definition('new'))
  await expect(push(store, 'revisions', 'r1', definition('again'))).rejects.toThrow(
    'the revision exists',
  )
  const project = await store.projects.findByName('revisions')
  expect(project?.revision).toBe('r2')
  const { workflows } = store
  expect((await workflows.ofProject(project!.id)).map(({ name }) => name)).toEqual(['new'])
  expect((await workflows.findByName(project!.id, 'old', 'r1'))?.revision).toBe('r1')
})

test("a workflow's config keeps the order of its keys", async () => {
  const { config } = await pushOne(store, 'ordered')
  expect(Object.keys(config)).toEqual(['+b', '+a'])
})

test('two pushes of one revision at the same time keep one', async () => {
  const pushed = await Promise.allSettled(
    [1, 2, 3].map(() => push(store, 'twice', 'r1', definition('daily', daily))),
  )
  expect(pushed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const [project] = await store.projects.list({ count: 10, namePattern: 'twice' })
  expect(await store.projects.revisions(project!.id, {})).toHaveLength(1)
  expect(await store.schedules.list({ projectId: project!.id, count: 10 })).toHaveLength(1)
})

const moveOn = (id: ScheduleId, times: ScheduleMove) =>
  store.schedules.locked(id, (locked) => locked.moveOn(times))

test('a refused push leaves the project as it was', async () => {
  await push(store, 'refused', 'r1', definition('daily', daily))
  const before = await store.projects.findByName('refused')
  const again = await store.projects.push(revision('refused', 'r1', [definition('other')]))
  expect(again).toBe('revision-exists')
  expect(await store.projects.findByName('refused')).toEqual(before)
  expect(await store.schedules.list({ projectId: before!.id, count: 10 })).toHaveLength(1)
})

test('a push that fails in the middle keeps nothing', async () => {
  const broken = {
    ...revision('broken', 'r1', [definition('daily', daily)]),
    firstTimes: () => {
      throw new Error('no such time')
    },
  }
  await expect(store.projects.push(broken)).rejects.toThrow('no such time')
  expect(await store.projects.findByName('broken')).toBeUndefined()
})

test('a schedule outlives revisions, and goes when its workflow has none any more', async () => {
  const first = await push(store, 'scheduled', 'r1', definition('daily', daily))
  const [schedule] = first.schedules
  await moveOn(schedule!.id, {
    lastSessionTime: new Date('2001-01-01T15:00:00Z'),
    nextRunTime: new Date('2001-01-02T20:00:00Z'),
    nextSessionTime: new Date('2001-01-02T15:00:00Z'),
  })
  const second = await push(store, 'scheduled', 'r2', definition('daily', daily))
  expect(second.schedules[0]).toMatchObject({
    id: schedule!.id,
    nextSessionTime: new Date('2001-01-02T15:00:00Z'),
  })
  const third = await push(store, 'scheduled', 'r3', definition('daily'))
  expect(third.removedSchedules).toEqual([schedule!.id])
  expect(await store.schedules.find(schedule!.id)).toBeUndefined()
})

test('a cleared schedule forgets its last session for good, another keeps it', async () => {
  const workflows = [definition('one', daily), definition('two', daily)]
  const { schedules } = await push(store, 'cleared', 'r1', ...workflows)
  const lastSessionTime = new Date('2001-02-01T15:00:00Z')
  for (const { id } of schedules) {
    await moveOn(id, {
      lastSessionTime,
      nextRunTime: new Date('2001-02-02T20:00:00Z'),
      nextSessionTime: new Date('2001-02-02T15:00:00Z'),
    })
  }
  await store.projects.push({ ...revision('cleared', 'r2', workflows), clearSchedules: ['one'] })
  const { schedules: later } = await push(store, 'cleared', 'r3', ...workflows)
  expect(later.map((one) => [one.lastSessionTime, one.nextSessionTime])).toEqual([
    [null, new Date('2001-01-01T15:00:00Z')],
    [lastSessionTime, new Date('2001-02-02T15:00:00Z')],
  ])
})

test('a disabled schedule stays disabled through pushes', async () => {
  const first = await push(store, 'disabled', 'r1', definition('daily', daily))
  const disabled = await store.schedules.disable(first.schedules[0]!.id, { kind: 'user' })
  const { schedules } = await push(store, 'disabled', 'r2', definition('daily', daily))
  expect(disabled?.disabledAt).toBeInstanceOf(Date)
  expect(schedules[0]?.disabledAt).toEqual(disabled?.disabledAt)
})

test('only a schedule that changed has to be passed to Temporal, and only what it was read as counts', async () => {
  const hourly = { ...daily, command: '06:00:00' }
  const both = (second: typeof daily) => [definition('one', daily), definition('two', second)]
  const first = await push(store, 'in line', 'r1', ...both(daily))
  expect(first.changedSchedules).toHaveLength(2)
  for (const schedule of first.schedules) await store.schedules.markInLine(schedule, 'as read')
  const [one, two] = first.schedules

  expect((await push(store, 'in line', 'r2', ...both(daily))).changedSchedules).toEqual([])
  expect((await push(store, 'in line', 'r3', ...both(hourly))).changedSchedules).toEqual([two!.id])
  // Temporal was informed of it as it was before.
  await store.schedules.markInLine(two!, 'as read')
  expect((await store.schedules.notInLine()).changed).toContain(two!.id)

  await store.schedules.disable(one!.id, { kind: 'user' })
  expect((await store.schedules.notInLine()).changed).toContain(one!.id)
  await store.schedules.markInLine(one!, 'as read')
  expect((await store.schedules.find(one!.id))?.inLineAs).toBeNull()

  const { removedSchedules } = await push(store, 'in line', 'r4', definition('two', hourly))
  expect(removedSchedules).toEqual([one!.id])
  await store.schedules.markInLine(one!, 'made meanwhile')
  expect((await store.schedules.notInLine()).removed).toEqual([one!.id])
  await store.schedules.markRemoved(one!.id)
  expect((await store.schedules.notInLine()).removed).toEqual([])
})

test('one process has its turn in a time, until it gives it back', async () => {
  expect(await store.schedules.takeTurn(60, 'a')).toBe(true)
  expect(await store.schedules.takeTurn(60, 'a')).toBe(false)
  expect(await store.schedules.takeTurn(0, 'a')).toBe(true)
  expect(await store.schedules.takeTurn(60, 'b')).toBe(true)
  expect(await store.schedules.takeTurn(60, 'b')).toBe(false)
  await store.schedules.giveTurnBack()
  expect(await store.schedules.takeTurn(60, 'b')).toBe(true)
})

test('a deleted project frees its name and keeps its history', async () => {
  const workflow = await pushOne(store, 'deleted')
  await start(store, workflow.id, 1)
  await store.projects.delete(workflow.projectId)
  expect(await store.projects.findByName('deleted')).toBeUndefined()
  expect((await store.projects.find(workflow.projectId))?.deletedAt).toBeInstanceOf(Date)
  const again = await pushOne(store, 'deleted')
  expect(again.projectId).not.toBe(workflow.projectId)
})

test('deleting a project deletes its schedules', async () => {
  const { project, schedules } = await push(store, 'unscheduled', 'r1', definition('daily', daily))
  await store.projects.delete(project.id)
  expect(await store.schedules.find(schedules[0]!.id)).toBeUndefined()
})
