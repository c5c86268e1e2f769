import { createAllowance } from './allowance.ts'
import { createFairQueue } from './fair-queue.ts'
import type { SandboxJob, SandboxLimits, SandboxReply } from './job.ts'
import { startThread, ThreadEnded, type Thread } from './thread.ts'

/** Where expressions run: JavaScript of anybody's, without a way out of it. */
export interface Sandbox {
  run(job: SandboxJob, caller?: SandboxCaller): Promise<SandboxReply>
  /** Ends its threads; jobs under way and waiting ones fail. */
  close(): Promise<void>
}

/** On whose behalf a job runs. */
export interface SandboxCaller {
  /** Jobs of one owner (an attempt) get in each other's way, not in that of others. */
  readonly owner?: unknown
  /** A job that still waits when this is aborted is not run any more. */
  readonly signal?: AbortSignal
}

export interface SandboxOptions extends Partial<SandboxLimits> {
  /** Jobs that run at one time, as long as all of them are quick. */
  readonly threads?: number
}

/** A job that has run for so long is no longer waited for: another thread takes its place. */
const slowAfterMilliseconds = 500
/** Threads there may be when many jobs are slow. */
const mostThreads = 8
/** Threads that one owner may hold then. */
const mostOfOneOwner = 3

interface Waiting {
  readonly owner: unknown
  readonly job: SandboxJob
  readonly settle: (reply: Promise<SandboxReply>) => void
}

// X1. An endless expression holds up the others for slowAfterMilliseconds at the most, as long as there
//     are threads; owners take turns, and none holds so many that the others have no thread left.
// X2. What was ended costs its own owner time, see createAllowance.
// X3. Threads are started when they are needed, one ahead, kept, and replaced when a job took its thread with it.

export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { milliseconds = 3_000, bytes = 64 * 2 ** 20, characters = 16 * 2 ** 20 } = options
  const quickThreads = options.threads ?? 2
  const most = Math.max(mostThreads, quickThreads)
  const allowance = createAllowance(milliseconds)
  const queue = createFairQueue<Waiting>()
  const idle: Thread[] = []
  const all = new Set<Thread>()
  const held = new Map<unknown, number>()
  let running = 0
  let quick = 0
  let closed = false

  const start = (): Thread => {
    const thread = startThread({ bytes })
    all.add(thread)
    return thread
  }
  const take = (): Thread => {
    const thread = idle.pop() ?? start()
    // The next one, should this job turn out to be slow.
    if (idle.length === 0 && all.size < most) idle.push(start())
    return thread
  }
  const end = async (thread: Thread): Promise<void> => {
    all.delete(thread)
    await thread.close()
  }
  const give = async (thread: Thread): Promise<void> => {
    if (idle.length <= quickThreads && !closed) idle.push(thread)
    else await end(thread)
  }
  const hold = (owner: unknown, change: 1 | -1): void => {
    const count = (held.get(owner) ?? 0) + change
    if (count === 0) held.delete(owner)
    else held.set(owner, count)
  }

  const runOne = async ({ owner, job }: Waiting): Promise<SandboxReply> => {
    running += 1
    quick += 1
    hold(owner, 1)
    let slow = false
    let timer: NodeJS.Timeout | undefined
    const thread = take()
    try {
      await thread.ready
      timer = setTimeout(() => {
        slow = true
        quick -= 1
        startWaiting()
      }, slowAfterMilliseconds)
      const reply = await thread.run({
        job: JSON.stringify(job),
        limits: { milliseconds: allowance.of(owner), bytes, characters },
      })
      if (reply.kind === 'failed' && reply.overtime) allowance.reduce(owner)
      await (reply.spent === true ? end(thread) : give(thread))
      return reply
    } catch (error) {
      await end(thread)
      if (!(error instanceof ThreadEnded)) throw error
      if (error.reply.kind === 'failed' && error.reply.overtime) allowance.reduce(owner)
      return error.reply
    } finally {
      clearTimeout(timer)
      if (!slow) quick -= 1
      running -= 1
      hold(owner, -1)
      startWaiting()
    }
  }

  const startWaiting = (): void => {
    if (closed) return failWaiting()
    while (quick < quickThreads && running < most) {
      const next = queue.next((owner) => (held.get(owner) ?? 0) < mostOfOneOwner)
      if (next === undefined) return
      next.settle(runOne(next))
    }
  }

  const failWaiting = (): void => {
    for (;;) {
      const next = queue.next(() => true)
      if (next === undefined) return
      next.settle(Promise.reject(new Error('The sandbox is closed')))
    }
  }

  return {
    run(job, { owner = job, signal } = {}) {
      return new Promise((resolve, reject) => {
        const abandon = (): void => {
          queue.remove(owner, waiting)
          reject(signal?.reason)
        }
        const waiting: Waiting = {
          owner,
          job,
          settle(reply) {
            signal?.removeEventListener('abort', abandon)
            resolve(reply)
          },
        }
        if (signal?.aborted) return reject(signal.reason)
        signal?.addEventListener('abort', abandon)
        queue.add(owner, waiting)
        startWaiting()
      })
    },
    async close() {
      closed = true
      failWaiting()
      await Promise.all([...all].map((thread) => thread.close()))
      all.clear()
      idle.length = 0
    },
  }
}
