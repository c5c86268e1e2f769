import { OperatorError } from '../failure.ts'
import { killSignal } from '../task/interruption.ts'
import type { OperatorContext, OperatorResult } from '../task/operator.ts'
import type { Answer } from './exchange.ts'
import { statusText } from './failures.ts'
import type { Request } from './request.ts'
import { mostUnkeptBytes, send } from './send.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

/** An answer that is fine, or when to try again. */
export type Performed =
  | { readonly answer: Answer }
  | { readonly again: NonNullable<OperatorResult['again']> }

/** Which poll of this try has sent a request that must not be sent twice. */
const sentKey = 'sent_by_poll'

/** A server that asks for more patience than this many seconds gets no more. */
const longestWish = 3600

// H1. Between two tries no worker is held: the attempt's workflow waits, and can be killed meanwhile.
// H2. A request that may not be repeated is not sent again after a lost worker; the task fails and says so.

/** Sends the task's request once; `mostContent`: characters of the answer that are wanted. */
export async function perform(
  context: OperatorContext<never>,
  request: Request,
  mostContent: number,
): Promise<Performed> {
  const { say, polls } = context
  const named = `${request.method} ${request.target.shown}`
  if (!request.retry) await sendOnlyOnce(context, named)
  say('INFO', `Sending HTTP request: ${named}`)
  // At a shutdown another worker sends the request again, if that may be; else its answer is awaited.
  const signal = request.retry ? context.signal : killSignal(context.signal)
  const sent = await send(request, mostContent, signal)
  if ('answer' in sent) {
    const { answer } = sent
    say('INFO', `Received HTTP response: ${named}: ${statusText(answer.status)}`)
    refuseTooLarge(answer, mostContent)
    return { answer }
  }
  const { error, mayPass } = sent
  if (mayPass === 'no' || (mayPass === 'if retried' && !request.retry)) throw error
  const wished = Math.min(sent.afterSeconds ?? 0, longestWish)
  const afterSeconds = Math.max(backOff(polls), wished)
  say('WARN', `${error.message}: retrying in ${afterSeconds} seconds`)
  return { again: { afterSeconds } }
}

/** All that a task gets of an answer is in memory, and in its parameters. */
function refuseTooLarge({ text, cut, endless }: Answer, mostContent: number): void {
  if (mostContent === 0) {
    if (!endless) return
    throw new OperatorError(
      `Response content too large: more than ${mostUnkeptBytes / 2 ** 20} MiB. Let the server answer less, or fetch it with sh>`,
      { kind: 'plain', code: 'LIMIT' },
    )
  }
  if (!cut && text.length <= mostContent) return
  const length = cut ? `more than ${text.length}` : text.length
  throw new OperatorError(
    `Response content too large: ${length} > ${mostContent} characters. Let the server answer less, or fetch it with sh> into a file`,
    { kind: 'plain', code: 'LIMIT' },
  )
}

/**
 * Seconds until the next try: 1, 2, 4 … 30 as in Digdag. Each leaves some events in the attempt's history,
 * so after half an hour they become rarer, down to one in 5 minutes.
 */
function backOff(polls: number): number {
  if (polls < 5) return 2 ** polls
  return Math.round(growingWait({ first: 30, most: 300, factor: 1.05, after: 60 }, polls))
}

async function sendOnlyOnce(
  { state, polls }: OperatorContext<never>,
  named: string,
): Promise<void> {
  if (state.value[sentKey] === polls) {
    throw new OperatorError(
      `The worker was lost while it waited for the answer to ${named}, so it is not known whether the server did what it was asked. "retry: true" would send it again`,
      { code: 'IN_DOUBT' },
    )
  }
  await state.save({ ...state.value, [sentKey]: polls })
}
