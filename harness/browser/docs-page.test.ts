import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runExamplesOn } from '#harness/stack/run-examples.ts'
import { useStack } from '#harness/stack/use-stack.ts'
import { openBrowser } from './open-browser.ts'

// The page to try the API, as one meets it: open an operation, Execute, nothing filled in.

const stack = await useStack()
let browser: Browser

beforeAll(async () => {
  await runExamplesOn(stack, () => undefined)
  browser = await openBrowser()
}, 300_000)
afterAll(() => browser?.close())

test.each([
  ['put', '/api/attempts'],
  ['get', '/api/attempts'],
  ['get', '/api/overview'],
] as const)('%s %s works from the page as it is', { timeout: 120_000 }, async (method, path) => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1200 } })
  await page.goto(`${stack.url}/docs`)
  const operation = page
    .locator(`.opblock-${method}`)
    .filter({ has: page.locator(`[data-path="${path}"]`) })
  await operation.locator('.opblock-summary').click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  const status = operation.locator('.live-responses-table .response-col_status').last()
  await status.waitFor()
  expect((await status.innerText()).trim()).toBe('200')
  await page.close()
})
