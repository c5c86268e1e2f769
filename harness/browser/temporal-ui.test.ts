import { readFile } from 'node:fs/promises'
import { Connection } from '@temporalio/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { useStack } from '#harness/stack/use-stack.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { openBrowser } from './open-browser.ts'
import { temporalUi, type TemporalUi } from './temporal-ui.ts'

// What an engineer sees and does in Temporal's own UI, clicked in a real browser, and what the API says of it then.

const stack = await useStack()
let browser: Browser
let page: Page
let ui: TemporalUi

beforeAll(async () => {
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1400, height: 1200 } })
  ui = temporalUi(page, stack)
}, 300_000)
afterAll(() => browser?.close())

const patience = { timeout: 60_000 }
const long = { timeout: 240_000 }

const dig = {
  'nightly.dig': `
timezone: Asia/Tokyo
schedule:
  daily>: 05:00:00
+check:
  echo>: \${session_date}
+load:
  sh>: exit \${code}
  hint: of the night
  _export: {code: 3}
+after:
  echo>: never
`,
  'slow.dig': '+a: {echo>: a}\n+b: {sh>: sleep 100}\n+c: {echo>: c}\n',
  'quick.dig': '+a: {echo>: a}\n+b: {sh>: echo b}\n',
  'noted.dig': `+a: {sh>: echo a >> ${stack.scratch}/noted}\n+b: {sh>: sleep 8; echo b >> ${stack.scratch}/noted}\n`,
}

interface Started {
  readonly id: string
  readonly temporalId: string
}

async function start(workflow: string): Promise<Started> {
  const { body } = await stack.api.start('shops', workflow, `2026-11-24T00:00:00+09:00`)
  return body as unknown as Started
}

const attempt = async (id: string) => (await stack.api.request('GET', `/api/attempts/${id}`)).body

interface Schedule {
  readonly id: string
  readonly project: { readonly name: string }
  readonly disabledAt: string | null
}
async function schedule(): Promise<Schedule> {
  const { body } = await stack.api.request('GET', '/api/schedules')
  const schedules = body['schedules'] as readonly Schedule[]
  return schedules.find(({ project }) => project.name === 'shops')!
}

beforeAll(() => stack.api.push('shops', dig))

test('the cause of a failed night is two clicks away, in words', long, async () => {
  const { id, temporalId } = await start('nightly')
  expect(temporalId).toBe(`shops/nightly/2026-11-24T00:00:00+09:00/attempt-${id}`)
  expect(await stack.api.finished(id)).toMatchObject({ status: 'error' })

  const row = await ui.listed(temporalId, 'SuiroAttemptId is not null')
  await row.getByRole('link', { name: temporalId }).first().click()
  await page.getByText('+nightly+load: Command failed with code 3').first().waitFor(patience)
  expect(await page.getByText('stackTrace').count()).toBe(0)
  const title = 'shops/nightly 2026-11-24T00:00:00+09:00 (Asia/Tokyo)'
  expect(await page.getByText(title).count()).toBeGreaterThan(0)

  // What ran is named, and a click shows what it was.
  await page.getByText('runTask • +nightly+load').first().click(patience)
  await page.getByText('"operator": "sh>"').first().waitFor(patience)
  await page.getByText('"command": "exit 3"').first().waitFor(patience)
  await page.getByText('of the night').first().waitFor(patience)

  await page.getByText('User Metadata').first().click(patience)
  const details = page.frameLocator('#user-metadata-current-details')
  await details.getByText('Failed: +nightly+load').first().waitFor(patience)
  const log = await details.getByRole('link', { name: 'its log' }).getAttribute('href')
  await page.goto(log!)
  expect(await page.locator('body').innerText()).toContain('exit 3')
})

test('a schedule says how its last run went', long, async () => {
  const id = `shops/nightly/schedule-${(await schedule()).id}`
  await (await ui.listedSchedule(id)).first().waitFor(patience)
  await ui.trigger(id)
  const tick = page.getByRole('link', { name: /^shops\/nightly\/tick-/ })
  await expect
    .poll(async () => {
      await ui.schedule(id)
      await tick
        .first()
        .waitFor({ timeout: 10_000 })
        .catch(() => undefined)
      return page.getByText(/^failed$/i).count()
    }, patience)
    .toBeGreaterThan(0)
  await tick.first().click()
  await page.getByText('Failed: attempt').first().waitFor(patience)
})

test(
  'a schedule that is paused there is disabled here, and the other way round',
  long,
  async () => {
    const id = `shops/nightly/schedule-${(await schedule()).id}`
    await ui.setPaused(id, true)
    await expect.poll(schedule, patience).toMatchObject({
      disabledAt: expect.any(String),
      disabledBy: { kind: 'temporal' },
    })
    await ui.setPaused(id, false)
    await expect.poll(schedule, patience).toMatchObject({ disabledAt: null })
  },
)

test('what is terminated there is killed here, by somebody in Temporal', long, async () => {
  const { id, temporalId } = await start('slow')
  await stack.api.taskIn(id, '+slow+b', ['running'])
  await ui.act(temporalId, 'Terminate')
  expect(await stack.api.finished(id)).toMatchObject({ status: 'killed' })
  expect(await attempt(id)).toMatchObject({ killedBy: { kind: 'temporal' } })
})

test(
  'what is canceled there is killed here; a reset of what has ended runs nothing',
  long,
  async () => {
    const { body } = await stack.api.start('shops', 'slow', '2026-11-25T00:00:00+09:00')
    const { id, temporalId } = body as unknown as Started
    await stack.api.taskIn(id, '+slow+b', ['running'])
    await ui.act(temporalId, 'Request Cancellation')
    expect(await stack.api.finished(id)).toMatchObject({ status: 'killed' })
    const before = JSON.stringify([await attempt(id), await stack.api.tasks(id)])
    await ui.reset(temporalId)
    const canceled = (await ui.listed(temporalId, `WorkflowId = "${temporalId}"`)).getByText(
      'CANCELED',
    )
    await expect
      .poll(async () => {
        await ui.listed(temporalId, `WorkflowId = "${temporalId}"`)
        return canceled.count()
      }, patience)
      .toBe(2)
    expect(JSON.stringify([await attempt(id), await stack.api.tasks(id)])).toBe(before)
  },
)

test('a reset of an attempt that has succeeded, or failed, runs nothing again', long, async () => {
  for (const [workflow, status] of [
    ['quick', 'success'],
    ['nightly', 'error'],
  ] as const) {
    const day = `2026-11-${workflow === 'quick' ? 26 : 27}T00:00:00+09:00`
    const { id, temporalId } = (await stack.api.start('shops', workflow, day))
      .body as unknown as Started
    expect(await stack.api.finished(id)).toMatchObject({ status })
    const before = JSON.stringify([await attempt(id), await stack.api.tasks(id)])
    await ui.reset(temporalId)
    const word = status === 'success' ? /^completed$/i : /^failed$/i
    await expect
      .poll(async () => {
        const rows = await ui.listed(temporalId, `WorkflowId = "${temporalId}"`)
        return rows.getByText(word).count()
      }, patience)
      .toBe(2)
    expect(JSON.stringify([await attempt(id), await stack.api.tasks(id)])).toBe(before)
  }
})

test('a reset of an attempt that runs goes on: what has ended is not run again', long, async () => {
  const { id, temporalId } = await start('noted')
  await stack.api.taskIn(id, '+noted+b', ['running'])
  await ui.reset(temporalId)
  expect(await stack.api.finished(id)).toMatchObject({ status: 'success' })
  expect(await readFile(`${stack.scratch}/noted`, 'utf8')).toBe('a\nb\n')
})

test('a workflow that somebody starts by hand touches nothing of an attempt', long, async () => {
  const { body } = await stack.api.start('shops', 'slow', '2026-11-28T00:00:00+09:00')
  const { id, temporalId } = body as unknown as Started
  await stack.api.taskIn(id, '+slow+b', ['running'])
  const settings = readTemporalSettings(stack.env, [])
  const connection = await Connection.connect(settings.connection)
  onTestFinished(() => connection.close())
  const client = createTemporalClient(connection, settings.namespace)
  // As "Start Workflow Like This One" does, with the input of the other.
  const copy = client.workflow.execute('runAttempt', {
    workflowId: 'by-hand',
    taskQueue: 'control',
    args: [{ attemptId: Number(id), namedSteps: true }],
  })
  await expect(copy).rejects.toMatchObject({
    cause: { message: expect.stringContaining(`is run by the workflow ${temporalId}`) },
  })
  expect(await attempt(id)).toMatchObject({ status: 'running' })
  await stack.api.request('POST', `/api/attempts/${id}/kill`)
  expect(await stack.api.finished(id)).toMatchObject({ status: 'killed' })
})
