import { expect, test } from 'vitest'
import { startStack } from '#harness/stack/stack.ts'
import { chosenSeed, createRandom } from '../random.ts'
import { runHostile } from './run.ts'
import { startHostileServer } from './server.ts'

// Without /proc nobody can say what is left.
const minutes = Number(process.env['SUIRO_CHAOS_MINUTES'] ?? 0.3)

test.skipIf(process.platform !== 'linux')(
  `hostile projects for ${minutes} minutes harm neither the servers nor their neighbours`,
  async () => {
    const random = createRandom(chosenSeed())
    const print = (line: string): void => console.log(`seed ${random.seed}: ${line}`)
    const server = await startHostileServer()
    const stack = await startStack({ SUIRO_LOG_MAX_BYTES: String(8 * 1024 * 1024) })
    try {
      const database = new URL(stack.databaseUrl)
      const { faults, hostile, normal } = await runHostile(stack, random, {
        places: {
          folder: stack.scratch,
          httpOrigin: server.origin,
          pg: {
            host: database.hostname,
            port: Number(database.port),
            user: database.username,
            database: database.pathname.slice(1),
          },
          workerPid: stack.worker.pid ?? 0,
          apiPid: stack.apiProcess.pid ?? 0,
          separateUser: process.getuid?.() === 0,
        },
        secrets: { 'pg.password': decodeURIComponent(database.password) },
        milliseconds: minutes * 60_000,
        patience: { normal: 300, hostile: 600 },
        residentMiB: { worker: 1_500, api: 500 },
        print,
      })
      print(`${hostile} hostile and ${normal} normal attempts`)
      expect(faults, `seed ${random.seed}`).toEqual([])
      expect(normal).toBeGreaterThan(0)
    } finally {
      await stack.stop()
      await server.close()
    }
  },
  minutes * 60_000 + 900_000,
)
