import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startStack } from '#harness/stack/stack.ts'
import { chosenRuns, chosenSeed, createRandom } from '../random.ts'
import { jobs } from './jobs.ts'
import { runKills } from './run.ts'

const runs = chosenRuns(12)

test(`${runs} attempts end, whenever they or their worker are killed, and leave nothing running`, async () => {
  const random = createRandom(chosenSeed())
  const print = (line: string): void => console.log(`seed ${random.seed}: ${line}`)
  const folder = await mkdtemp(join(tmpdir(), 'suiro-kills-'))
  await chmod(folder, 0o777)
  const stack = await startStack({ SUIRO_DRAIN_SECONDS: '2' })
  try {
    const dataset = `kills_${random.seed}`
    await jobs(stack, dataset).prepare()
    const server = new URL(stack.databaseUrl)
    const { faults, killed, restarts } = await runKills(stack, random, {
      ...{ runs, atOnce: 6, print, marks: { folder, dataset } },
      params: {
        pg_host: server.hostname,
        pg_port: Number(server.port),
        pg_user: server.username,
        pg_database: server.pathname.slice(1),
      },
      secrets: { 'pg.password': decodeURIComponent(server.password) },
    })
    print(`${killed} attempts killed, ${restarts} restarts`)
    expect(faults, `seed ${random.seed}`).toEqual([])
  } finally {
    await stack.stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 7_200_000)
