import { fileURLToPath } from 'node:url'
import { Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { createTemporalClient } from '#services/shared/temporal.ts'
import type { Side } from '../side.ts'
import { hello } from './activity.ts'

const taskQueue = 'bare'

/** Temporal's SDK alone, on the same server: what nobody who builds on it can be faster than. */
export async function createBareSide(address: string, namespace: string): Promise<Side> {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const connection = await Connection.connect({ address })
  const native = await NativeConnection.connect({ address })
  const client = createTemporalClient(connection, namespace)
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    activities: { hello },
    workflowsPath: fileURLToPath(new URL('workflow.ts', import.meta.url)),
  })
  const running = worker.run()
  let started = 0
  const session = (): Promise<unknown> => {
    started += 1
    return client.workflow.execute('bare', { workflowId: `bare-${started}`, taskQueue })
  }
  return {
    name: 'bare SDK',
    async oneSession() {
      const began = performance.now()
      await session()
      return performance.now() - began
    },
    async sessionsAtOnce(count) {
      const began = performance.now()
      await Promise.all(Array.from({ length: count }, session))
      return (count * 1000) / (performance.now() - began)
    },
    async close() {
      worker.shutdown()
      await running
      await Promise.all([connection.close(), native.close()])
    },
  }
}
