import { Worker } from 'node:worker_threads'
import { parseJson } from '#workflows/domain/json-text.ts'
import {
  tookTooLong,
  tookTooMuchMemory,
  type SandboxReply,
  type ThreadData,
  type ThreadMessage,
  type ThreadTask,
} from './job.ts'

/** A thread of the sandbox; it does one job at a time. */
export interface Thread {
  /** Resolves once it can work. */
  readonly ready: Promise<void>
  /** Throws ThreadEnded when the job took its thread with it. */
  run(task: ThreadTask): Promise<SandboxReply>
  close(): Promise<void>
}

/** The thread had to be ended, or ended itself, because of what an expression did. */
export class ThreadEnded extends Error {
  readonly reply: SandboxReply

  constructor(reply: SandboxReply) {
    super('A thread of the sandbox ended')
    this.reply = reply
  }
}

/** What a job may take by the clock before its thread is ended from outside; the machine may be busy. */
const longestByTheClock = (milliseconds: number): number => 2 * milliseconds + 1_000

export function startThread(data: ThreadData): Thread {
  const worker = new Worker(new URL('./sandbox-thread.ts', import.meta.url), {
    // Of the environment, arguments and streams of this process, the thread is given nothing.
    env: {},
    workerData: data,
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
    ready,
    async run(task) {
      worker.ref()
      try {
        await ready
        return await reply(worker, task)
      } finally {
        worker.unref()
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}

const reply = (worker: Worker, task: ThreadTask): Promise<SandboxReply> =>
  new Promise((resolve, reject) => {
    const { limits } = task
    let text = ''
    const ended = (message: string, overtime = false): void => {
      settle()
      reject(new ThreadEnded({ kind: 'failed', text, message, ...(overtime ? { overtime } : {}) }))
    }
    const crashed = (error: unknown): void => {
      const outOfMemory = error instanceof Error && 'code' in error && error.code === memoryCode
      ended(outOfMemory ? tookTooMuchMemory(limits) : String(error))
    }
    const exited = (): void => ended('the sandbox ended')
    const answered = (message: ThreadMessage): void => {
      if (message.kind === 'ready') return
      if (message.kind === 'at') {
        text = message.text
        return
      }
      settle()
      resolve(parseJson(message.reply) as SandboxReply)
    }
    const timer = setTimeout(
      () => ended(tookTooLong(limits), true),
      longestByTheClock(limits.milliseconds),
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
    worker.postMessage(task, [])
  })

const memoryCode = 'ERR_WORKER_OUT_OF_MEMORY'
