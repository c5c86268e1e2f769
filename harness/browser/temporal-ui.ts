import type { Locator, Page } from 'playwright-core'
import type { Stack } from '#harness/stack/stack.ts'

/** Pages of Temporal's own UI, and what people click there. */
export interface TemporalUi {
  /** A row of the list of workflows, with a filter as one writes it there. */
  listed(id: string, query?: string): Promise<Locator>
  /** A row of the list of schedules. */
  listedSchedule(id: string): Promise<Locator>
  schedule(id: string): Promise<Page>
  workflow(id: string): Promise<Page>
  /** Chooses from a workflow's menu and says yes to what it asks then. */
  act(id: string, action: 'Request Cancellation' | 'Terminate'): Promise<void>
  /** Begins a workflow anew at the first event that one can choose. */
  reset(id: string): Promise<void>
  setPaused(id: string, paused: boolean): Promise<void>
  /** Has a schedule fire now. */
  trigger(id: string): Promise<void>
}

const patience = { timeout: 60_000 }

export function temporalUi(page: Page, { env }: Pick<Stack, 'env'>): TemporalUi {
  const home = `${env['TEST_TEMPORAL_UI']}/namespaces/${env['TEMPORAL_NAMESPACE']}`
  const open = async (path: string): Promise<Page> => {
    await page.goto(`${home}/${path}`, patience)
    return page
  }
  /** Temporal's lists are a moment behind. */
  const row = async (path: string, id: string): Promise<Locator> => {
    const link = page.getByRole('link', { name: id, exact: true })
    for (let looks = 0; looks < 10; looks += 1) {
      await open(path)
      await link
        .first()
        .waitFor({ timeout: 10_000 })
        .catch(() => undefined)
      if (await link.first().isVisible()) break
    }
    return page.getByRole('row').filter({ has: link })
  }
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const dialog = page.getByRole('dialog')

  const workflow = async (id: string): Promise<Page> => {
    await open(`workflows/${encodeURIComponent(id)}`)
    await button('More Actions').first().waitFor(patience)
    return page
  }

  return {
    listed: (id, query = '') => row(`workflows?query=${encodeURIComponent(query)}`, id),
    listedSchedule: (id) => row('schedules', id),
    schedule: (id) => open(`schedules/${encodeURIComponent(id)}`),
    workflow,
    async act(id, action) {
      await workflow(id)
      if (action === 'Request Cancellation') await button(action).first().click(patience)
      else {
        await button('More Actions').first().click(patience)
        await page.getByRole('menuitem', { name: action }).first().click(patience)
      }
      const yes = action === 'Terminate' ? 'Terminate' : 'Confirm'
      await dialog.getByRole('button', { name: yes, exact: true }).click(patience)
      await dialog.waitFor({ state: 'hidden', ...patience })
    },
    async reset(id) {
      await workflow(id)
      await button('Reset').first().click(patience)
      const select = dialog.getByTestId('workflow-reset-event-id-select')
      await select.locator('..').click({ force: true, ...patience })
      await dialog.getByRole('option').last().click(patience)
      await dialog.getByRole('button', { name: 'Confirm', exact: true }).click(patience)
      await dialog.waitFor({ state: 'hidden', ...patience })
    },
    async trigger(id) {
      await open(`schedules/${encodeURIComponent(id)}`)
      await button('Pause').first().waitFor(patience)
      await page.getByRole('button', { name: 'Schedule Actions' }).first().click(patience)
      await page.getByRole('menuitem', { name: 'Trigger' }).first().click(patience)
      await dialog.getByRole('button', { name: 'Trigger', exact: true }).click(patience)
      await dialog.waitFor({ state: 'hidden', ...patience })
    },
    async setPaused(id, paused) {
      await open(`schedules/${encodeURIComponent(id)}`)
      const name = paused ? 'Pause' : 'Unpause'
      await button(name).first().click(patience)
      await dialog.getByRole('textbox').first().fill('by hand', patience)
      await dialog.getByRole('button', { name, exact: true }).click(patience)
      await dialog.waitFor({ state: 'hidden', ...patience })
    },
  }
}
