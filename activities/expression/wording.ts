import { shorten } from '#workflows/domain/cut.ts'
import { tookTooLong, tookTooMuchMemory, type SandboxLimits } from './job.ts'

/** QuickJS's own words on the left, what users of Digdag are used to on the right. */
const rewordings: readonly (readonly [RegExp, string])[] = [
  [/^'(.+)' is not defined$/, '$1 is not defined'],
  [/^cannot (.*)$/, 'Cannot $1'],
]

/** A thrown text may be megabytes long. */
const longestMessage = 2_000

/** A thrown value in the words of the recorded messages: `TypeError: Cannot read property …`. */
export const wordThrown = (thrown: unknown, limits: SandboxLimits): string =>
  shorten(words(thrown, limits), longestMessage)

function words(thrown: unknown, limits: SandboxLimits): string {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return String(thrown)
  const name = 'name' in thrown ? String(thrown.name) : 'Error'
  const message = String(thrown.message)
  if (name === 'InternalError' && message === 'interrupted') return tookTooLong(limits)
  if (name === 'InternalError' && message === 'out of memory') return tookTooMuchMemory(limits)
  for (const [pattern, words] of rewordings) {
    if (pattern.test(message)) return `${name}: ${message.replace(pattern, words)}`
  }
  return `${name}: ${message}`
}
