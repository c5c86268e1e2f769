import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type Stage } from '#harness/stage/play.ts'
import type { NewAttempt } from '#store/accept-attempt.ts'
import { newWorkflow } from '#store/new-workflow.ts'
import type { Resume } from '#store/types.ts'
import { isTimezone } from '../calendar/index.ts'
import { compileBatch, type BatchFile } from '../dig/index.ts'
import type { AttemptId } from '../domain/ids.ts'
import type { JsonObject } from '../domain/json.ts'
import { withWorkers } from '#harness/workflows/temporal.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const workflows = new URL('../../harness/workflows/batches.ts', import.meta.url).href
let revisions = 0
let days = 0

/** Registers the batch with what is written of it, runs an attempt on a real Temporal and shows its tasks. */
async function run(params: JsonObject, more: { file?: BatchFile; resume?: Resume } = {}) {
  const { file = {}, resume } = more
  const { workflow, problems } = compileBatch('sales', file, { isTimezone })
  expect(problems).toEqual([])
  const definition = { ...workflow, defaults: { greeting: 'Well' } }
  await stage.store.projects.push({
    project: 'batches',
    revision: `r${(revisions += 1)}`,
    archive: Buffer.alloc(0),
    archiveMd5: '',
    workflows: [newWorkflow(definition, 'salesDaily')],
    firstTimes: () => ({ runTime: new Date(), sessionTime: new Date() }),
  })
  const project = await stage.store.projects.findByName('batches')
  const found = await stage.store.workflows.findByName(project!.id, 'sales')
  const wanted: NewAttempt = {
    workflowId: found!.id,
    sessionTime: new Date(Date.UTC(2001, 0, (days += 1))),
    params,
    actor: { kind: 'user' },
    reason: 'start',
    ...(resume === undefined ? {} : { resume }),
  }
  const { attempt } = await stage.store.attempts.start(wanted)
  await withWorkers(
    stage.activities,
    async (client) => {
      await client.workflow
        .execute('salesDaily', {
          workflowId: `${attempt.temporalId}-${stage.database.url}`,
          taskQueue: 'control',
          args: [{ attemptId: attempt.id }],
        })
        .catch(() => undefined)
    },
    workflows,
  )
  const tasks = await stage.store.tasks.ofAttempt(attempt.id)
  const logs = await stage.store.logs.files(attempt.id)
  return {
    attempt: (await stage.store.attempts.find(attempt.id))!,
    states: tasks.map((task) => `${task.fullName} ${task.state}`),
    resumed: tasks
      .filter((task) => task.resumed)
      .map((task) => task.fullName)
      .sort(),
    ran: logs.map((file) => file.fullName).sort(),
  }
}

async function printed(attemptId: AttemptId, fullName: string): Promise<string> {
  const { rows } = await stage.database.pool.query<{ text: string }>(
    `select string_agg(c.text, '' order by c.seq) as text from log_files f
    join log_chunks c on c.file_id = f.id where f.attempt_id = $1 and f.full_name = $2`,
    [attemptId, fullName],
  )
  return rows[0]?.text ?? ''
}

describe('a TypeScript batch', () => {
  test('that failed is resumed: what had succeeded is taken over and not run again', async () => {
    const first = await run({ broken: 'yes' })
    expect(first.attempt.success).toBe(false)
    expect(first.states).toContain('+sales+load+check error')

    const attemptId = first.attempt.id
    const second = await run({}, { resume: { mode: 'failed', attemptId } })
    expect(second.attempt.success).toBe(true)
    expect(second.resumed).toEqual(['+sales+load+payments', '+sales+load+shops', '+sales+prepare'])
    expect(second.ran).toEqual(['+sales+load+check', '+sales+report'])
    expect(second.states).toContain('+sales+load success')
  })

  test('is resumed from a task, with all that comes after it', async () => {
    const { attempt } = await run({})
    const resume: Resume = { mode: 'from', attemptId: attempt.id, from: '+check' }
    const second = await run({}, { resume })
    expect(second.resumed).toEqual(['+sales+load+payments', '+sales+load+shops', '+sales+prepare'])
    expect(second.ran).toEqual(['+sales+load+check', '+sales+report'])
  })

  test('runs its ^sla when it is late, and fails where that says so', async () => {
    const sla = { duration: '00:00:01', '+late': { 'echo>': 'late' } }
    const inTime = await run({}, { file: { sla: { ...sla, duration: '01:00:00' } } })
    expect(inTime.ran).not.toContain('+sales^sla+late')
    const late = await run({ waits: '3' }, { file: { sla } })
    expect(late.ran).toContain('+sales^sla+late')
    expect(late.attempt.success).toBe(true)
    const failed = await run({ waits: '3' }, { file: { sla: { ...sla, fail: true } } })
    expect(failed.attempt.success).toBe(false)
  })

  test('has what is exported at its top, which wins over an attempt as in a .dig file', async () => {
    const file = { _export: { greeting: 'Exported' }, _error: { '+told': { 'echo>': 'told' } } }
    const ended = await run({ broken: 'yes' }, { file })
    expect(ended.ran).toContain('+sales^error+told')
    expect(await printed(ended.attempt.id, '+sales+prepare')).toContain('Exported prepared')
    const own = await run({ greeting: 'Own' }, { file })
    expect(await printed(own.attempt.id, '+sales+prepare')).toContain('Exported prepared')
    const plain = await run({ greeting: 'Own' })
    expect(await printed(plain.attempt.id, '+sales+prepare')).toContain('Own prepared')
  })
})
