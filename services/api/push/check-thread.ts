import { parentPort } from 'node:worker_threads'
import { check, type CheckRequest } from './check.ts'

/** The thread beside the API that reads and compiles pushed projects; the checker asks it. */
parentPort?.on('message', (request: CheckRequest) => {
  check(request).then(
    (checked) => parentPort?.postMessage({ checked }, []),
    (error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      parentPort?.postMessage({ message }, [])
    },
  )
})
