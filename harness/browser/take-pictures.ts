import { fileURLToPath } from 'node:url'
import { runExamplesOn } from '#harness/stack/run-examples.ts'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { temporalIdOf } from '#harness/stack/temporal-id.ts'
import { setup } from '#services/embedded/vitest-setup.ts'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from './open-browser.ts'
import { temporalUi } from './temporal-ui.ts'

const folder = new URL('../../docs/pictures/', import.meta.url)

const nightly = `
timezone: Asia/Tokyo
schedule:
  daily>: 05:00:00
+check:
  echo>: \${session_date}
+load:
  +orders: {sh>: sleep 1}
  +payments: {sh>: sleep 0.6}
+sums:
  bq>: queries/sums.sql
  destination_table: shops.sums
+mail:
  echo>: done
`
const sums =
  'select shop,\n  sum(amuont) as total\nfrom (select "Tokyo" as shop, 1 as amount)\ngroup by shop\n'

/** `npm run pictures`: takes the pictures of `docs/pictures/` from real parts that run the examples and a night that fails. */
export async function takePictures(print: (line: string) => void): Promise<void> {
  const stop = await setup()
  const stack = await startStack({ TEMPORAL_NAMESPACE: 'default' }).catch(
    async (error: unknown) => {
      await stop()
      throw error
    },
  )
  let browser: Browser | undefined
  try {
    browser = await openBrowser()
    await runExamplesOn(stack, () => undefined)
    const failed = await failingNight(stack)
    const page = await browser.newPage({ viewport: { width: 1400, height: 1150 } })
    const ui = temporalUi(page, stack)
    const take = async (name: string): Promise<void> => {
      await settled(page)
      await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, folder)) })
      print(`docs/pictures/${name}.png`)
    }
    const schedule = `shops/nightly/schedule-${await scheduleOf(stack)}`
    await ui.trigger(schedule)
    await page.waitForTimeout(8_000)
    await ui.listed(failed)
    await take('list')
    await ui.workflow(failed)
    await page.getByText('runTask • +nightly+sums').first().waitFor()
    await take('attempt')
    await page.getByText('User Metadata').first().click()
    await take('details')
    await ui.schedule(schedule)
    await page.getByRole('link', { name: /tick-/ }).first().waitFor()
    await take('schedule')
    const [day] = await stack.query<{ id: string }>(
      `select a.id::text as id from attempts a join projects p on p.id = a.project_id
      where p.name = 'reservations' order by a.id limit 1`,
    )
    await ui.workflow(await temporalIdOf(stack, day?.id ?? ''))
    await page.getByText('runTask •').first().waitFor()
    await take('timeline')
  } finally {
    await browser?.close()
    await stack.stop()
    await stop()
  }
}

async function failingNight({ api }: Stack): Promise<string> {
  await api.push('shops', { 'nightly.dig': nightly, 'queries/sums.sql': sums })
  const { body } = await api.start('shops', 'nightly', '2026-11-24T00:00:00+09:00')
  await api.finished(String(body['id']))
  return String(body['temporalId'])
}

async function scheduleOf({ api }: Stack): Promise<string> {
  const { body } = await api.request('GET', '/api/schedules?project=shops')
  return (body['schedules'] as readonly { readonly id: string }[])[0]?.id ?? ''
}

/** Bars and frames are drawn a moment after they are there. */
const settled = (page: Page): Promise<void> => page.waitForTimeout(3_000)
