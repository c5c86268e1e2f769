import { longestWait } from '#workflows/domain/retry.ts'
import { configError } from '../failure.ts'
import { builtIn } from '../task/built-in.ts'

/** Where the wait began, for the polls after it; Digdag's own name. */
const startKey = 'wait_start_time_millis'

/** Looks during one wait at most, whatever `poll_interval` says. */
const mostPolls = 500

/**
 * `wait>: 10s` waits. No worker is held meanwhile, whatever `blocking` says: the attempt's workflow
 * sleeps, and goes on sleeping when every worker is away.
 */
export const wait = builtIn('wait', async ({ config, state }) => {
  const seconds = config.duration('_command')
  const pollSeconds = config.optionalDuration('poll_interval')
  if (config.boolean('blocking', false) && pollSeconds !== undefined) {
    throw configError("poll_interval can't be specified with blocking:true")
  }
  if (seconds > longestWait) {
    throw configError('wait> waits for a hundred years (36525d) at most. Write a shorter time')
  }
  const now = Date.now()
  const begun = state.value[startKey]
  const start = typeof begun === 'number' ? begun : now
  const left = start + seconds * 1000 - now
  if (left <= 0) return {}
  if (begun === undefined) await state.save({ [startKey]: start })
  // Looking again changes nothing but the history, which is to stay short.
  const poll = pollSeconds === undefined ? Infinity : Math.max(pollSeconds, seconds / mostPolls)
  return { again: { afterSeconds: Math.ceil(Math.min(poll, left / 1000)) } }
})
