import { Worker } from 'node:worker_threads'
import { PushTooHeavy, TooManyPushes } from '../errors.ts'
import type { Checked, CheckRequest } from './check.ts'

/** Checks pushed projects beside the event loop, so that a large one holds no other request. */
export interface Checker {
  check(request: CheckRequest): Promise<Checked>
  close(): Promise<void>
}

export interface CheckerLimits {
  /** One project; a file of 2 MB with 80,000 tasks takes some seconds. */
  readonly seconds: number
  /** Memory of the thread; what a project needs beyond the bytes of its archive. */
  readonly megabytes: number
  /** Pushes that wait for their turn. */
  readonly waiting: number
  /** An idle thread is ended, so that its memory is given back. */
  readonly idleSeconds: number
}

const usual: CheckerLimits = { seconds: 60, megabytes: 1_024, waiting: 20, idleSeconds: 60 }

// H1. One project at a time: a second thread would only take the core that requests need.
// H2. A thread that a project was too much for is ended, and the next push gets a new one.

export function createChecker(given: Partial<CheckerLimits> = {}): Checker {
  const limits = { ...usual, ...given }
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()

  const end = async (): Promise<void> => {
    clearTimeout(idle)
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  const run = async (request: CheckRequest): Promise<Checked> => {
    clearTimeout(idle)
    worker ??= startThread(limits)
    try {
      return await ask(worker, request, limits)
    } catch (error) {
      await end()
      throw error
    } finally {
      idle = setTimeout(() => void end(), limits.idleSeconds * 1_000).unref()
    }
  }

  return {
    async check(request) {
      if (waiting >= limits.waiting) throw new TooManyPushes(waiting)
      waiting++
      const checked = turn.then(() => run(request)).finally(() => waiting--)
      turn = checked.catch(() => undefined)
      return checked
    },
    close: end,
  }
}

function startThread({ megabytes }: CheckerLimits): Worker {
  const worker = new Worker(new URL('./check-thread.ts', import.meta.url), {
    // It reads what anybody may push: of this process's environment it is given nothing.
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { stackSizeMb: 16, maxOldGenerationSizeMb: megabytes },
  })
  worker.unref()
  return worker
}

type Reply = { readonly checked: Checked } | { readonly message: string }

const ask = (worker: Worker, request: CheckRequest, limits: CheckerLimits): Promise<Checked> =>
  new Promise((resolve, reject) => {
    const answered = (reply: Reply): void => {
      settle()
      if ('checked' in reply) resolve(reply.checked)
      else reject(new Error(`A push could not be checked: ${reply.message}`))
    }
    const failed = (error: Error): void => {
      settle()
      const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      reject(outOfMemory ? new PushTooHeavy(`${limits.megabytes} MB of memory`) : error)
    }
    const exited = (): void => failed(new Error('The thread that checks pushes ended'))
    const timer = setTimeout(() => {
      settle()
      reject(new PushTooHeavy(`${limits.seconds} seconds`))
    }, limits.seconds * 1_000)
    const settle = (): void => {
      clearTimeout(timer)
      worker.off('message', answered)
      worker.off('error', failed)
      worker.off('exit', exited)
      worker.unref()
    }
    worker.on('message', answered)
    worker.on('error', failed)
    worker.on('exit', exited)
    worker.ref()
    worker.postMessage(request, [])
  })
