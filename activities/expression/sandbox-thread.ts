import { parentPort, workerData } from 'node:worker_threads'
import { parseJson } from '#workflows/domain/json-text.ts'
import { createEngine } from './engine.ts'
import { interpret } from './interpreter.ts'
import type { SandboxJob, ThreadData, ThreadMessage, ThreadTask } from './job.ts'
import { readLibraries } from './libraries.ts'
import { timezoneOffset } from './zone.ts'

/**
 * The thread that expressions run in, so that one which the engine cannot interrupt is ended with it.
 */
const port = parentPort
if (port === null) throw new Error('This file is a worker thread')
const engine = await createEngine((workerData as ThreadData).bytes)
const libraries = readLibraries()

// QuickJS asks its host for the local time zone here and nowhere else; nothing but the sandbox lives in
// this thread, so its `Date` may have the zone of the workflow at hand.
let timezone = 'UTC'
Object.assign(Date.prototype, {
  getTimezoneOffset(this: Date) {
    return timezoneOffset(timezone, this.getTime())
  },
})
const post = (message: ThreadMessage): void => port.postMessage(message)

port.on('message', ({ job: text, limits }: ThreadTask) => {
  const job = parseJson(text) as SandboxJob
  timezone = job.timezone
  const reply = interpret(engine, libraries, job, limits, (text) => post({ kind: 'at', text }))
  post({ kind: 'replied', reply: JSON.stringify(reply) })
})
post({ kind: 'ready' })
