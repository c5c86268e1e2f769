import { Worker } from 'node:worker_threads'
import {
  tookTooLong,
  type SandboxJob,
  type SandboxLimits,
  type SandboxReply,
  type ThreadMessage,
} from './job.ts'

/** Where expressions run: JavaScript of anybody's, without a way out of it. */
export interface Sandbox {
  run(job: SandboxJob): Promise<SandboxReply>
  /** Ends its threads; jobs under way fail. */
  close(): Promise<void>
}

export interface SandboxOptions extends Partial<SandboxLimits> {
  /** Jobs that may run at one time. */
  readonly threads?: number
}

/** What a job may take on top of its limit before its thread is ended from outside. */
const graceMilliseconds = 500

interface Thread {
  run(job: SandboxJob): Promise<SandboxReply>
  close(): Promise<void>
}

/** Threads are started when they are needed, kept, and replaced when an expression had to be ended. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const limits: SandboxLimits = {
    milliseconds: options.milliseconds ?? 5_000,
    bytes: options.bytes ?? 64 * 2 ** 20,
  }
  const idle: Thread[] = []
  const all = new Set<Thread>()
  const waiting: ((thread: Thread) => void)[] = []
  const most = options.threads ?? 2

  const start = (): Thread => {
    const thread = startThread(limits)
    all.add(thread)
    return thread
  }
  const take = (): Thread | Promise<Thread> => {
    const thread = idle.pop()
    if (thread !== undefined) return thread
    if (all.size < most) return start()
    return new Promise((resolve) => waiting.push(resolve))
  }
  const give = (thread: Thread): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(thread)
    else next(thread)
  }

  return {
    async run(job) {
      const thread = await take()
      try {
        const reply = await thread.run(job)
        give(thread)
        return reply
      } catch (error) {
        all.delete(thread)
        await thread.close()
        const next = waiting.shift()
        next?.(start())
        if (!(error instanceof ThreadEnded)) throw error
        return { kind: 'failed', text: error.text, message: error.message }
      }
    },
    async close() {
      await Promise.all([...all].map((thread) => thread.close()))
      all.clear()
      idle.length = 0
    },
  }
}

/** The thread had to be ended, or ended itself, because of what an expression did. */
class ThreadEnded extends Error {
  readonly text: string

  constructor(message: string, text: string) {
    super(message)
    this.text = text
  }
}

function startThread(limits: SandboxLimits): Thread {
  const worker = new Worker(new URL('./sandbox-thread.ts', import.meta.url), {
    workerData: limits,
    // Of the environment, arguments and streams of this process, the thread is given nothing.
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { stackSizeMb: 16, maxOldGenerationSizeMb: 512 },
  })
  worker.unref()
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The sandbox ended before it was ready')))
  })
  // Seen by whoever waits for it; a thread that is closed early waits for nobody.
  ready.catch(() => undefined)

  return {
    async run(job) {
      worker.ref()
      try {
        await ready
        return await reply(worker, job, limits)
      } finally {
        worker.unref()
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}

const reply = (worker: Worker, job: SandboxJob, limits: SandboxLimits): Promise<SandboxReply> =>
  new Promise((resolve, reject) => {
    let text = ''
    const ended = (message: string): void => {
      settle()
      reject(new ThreadEnded(message, text))
    }
    const crashed = (error: unknown): void =>
      ended(error instanceof Error ? error.message : String(error))
    const exited = (): void => ended('the sandbox ended')
    const answered = (message: ThreadMessage): void => {
      if (message.kind === 'ready') return
      if (message.kind === 'at') {
        text = message.text
        return
      }
      settle()
      resolve(message)
    }
    const timer = setTimeout(
      () => ended(tookTooLong(limits)),
      limits.milliseconds + graceMilliseconds,
    )
    const settle = (): void => {
      clearTimeout(timer)
      worker.off('message', answered)
      worker.off('error', crashed)
      worker.off('exit', exited)
    }
    worker.on('message', answered)
    worker.on('error', crashed)
    worker.on('exit', exited)
    worker.postMessage(job, [])
  })
