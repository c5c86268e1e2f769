import { chromium, type Browser } from 'playwright-core'
import { readSettings } from '#services/embedded/settings.ts'
import { provideChromium } from '#services/embedded/tools/chromium.ts'

/** A real Chromium, without a window; the caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const { tools } = readSettings(process.env, [])
  const { program, env } = await provideChromium(tools, (text) => console.log(`  ${text}`))
  return chromium.launch({
    executablePath: program,
    // As root, as in containers, it does not start with its sandbox.
    args: ['--no-sandbox'],
    env: { ...process.env, ...env },
  })
}
