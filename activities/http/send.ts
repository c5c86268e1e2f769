import { OperatorError } from '../failure.ts'
import { linkSignals } from '../linked-signal.ts'
import { openConnections } from './connections.ts'
import { exchange, type Answer } from './exchange.ts'
import { describeNoAnswer, judge, type RequestFailure } from './failures.ts'
import type { Request } from './request.ts'

/** As much of a body as shows what was wrong. */
const excerptBytes = 4096
/** An answer that nobody keeps may be so long, unpacked: more than that no server means to say. */
export const mostUnkeptBytes = 256 * 2 ** 20
/** UTF-8 needs no more for a character. */
const bytesOfCharacter = 4

/**
 * Sends a request on connections of its own. `mostContent`: characters of the answer that are wanted; an
 * abort throws the signal's reason.
 */
export async function send(
  request: Request,
  mostContent: number,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer } | RequestFailure> {
  signal.throwIfAborted()
  const { timeoutSeconds } = request
  const timeout =
    timeoutSeconds === 0 ? new AbortController().signal : AbortSignal.timeout(timeoutSeconds * 1000)
  const connections = openConnections(request.route, request.insecure)
  const linked = linkSignals(signal, timeout)
  try {
    const answer = await exchange(request, connections, {
      signal: linked.signal,
      mostBytes: Math.max(mostContent * bytesOfCharacter, excerptBytes),
      mostUnkept: mostContent > 0 ? 0 : mostUnkeptBytes,
    })
    return judge(request, answer) ?? { answer }
  } catch (error) {
    signal.throwIfAborted()
    if (!timeout.aborted) return describeNoAnswer(request, error)
    const { method, target } = request
    const what = `no answer within ${timeoutSeconds} seconds`
    return {
      error: new OperatorError(`HTTP request failed: ${method} ${target.shown}: ${what}`, {
        code: 'TIMEOUT',
      }),
      mayPass: 'if retried',
    }
  } finally {
    linked.release()
    await connections.close()
  }
}
