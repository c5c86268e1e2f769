import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, glob, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { between, circles, specifiersOf, type Arrows } from './circles.ts'
import { fences } from './fences.ts'
import { isTest, judgeImport, resolve } from './judge.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test.each([
  ['archive/pack.ts', '#workflows/domain/ids.ts'],
  ['archive/pack.ts', 'pg'],
  ['workflows/domain/ids.ts', 'node:fs'],
  ['workflows/domain/ids.ts', '../dig/index.ts'],
  ['workflows/dig/definition.ts', '#store/index.ts'],
  ['workflows/dig/definition.ts', '../calendar/index.ts'],
  ['workflows/calendar/zone.ts', '../engine/walk.ts'],
  ['workflows/engine/walk.ts', '#store/index.ts'],
  ['workflows/engine/walk.ts', '#activities/index.ts'],
  ['workflows/engine/walk.ts', '@temporalio/workflow'],
  ['workflows/engine/walk.ts', '../calendar/index.ts'],
  ['workflows/temporal/steps.ts', '../calendar/index.ts'],
  ['workflows/temporal/steps.ts', 'node:crypto'],
  ['workflows/batches/batch.ts', '../../store/index.ts'],
  ['workflows/attempt.ts', './calendar/index.ts'],
  ['workflows/attempt.ts', 'luxon'],
  ['store/usages.ts', '#workflows/engine/walk.ts'],
  ['store/usages.ts', '#services/api/time.ts'],
  ['store/jobs.ts', '../activities/failure.ts'],
  ['store/jobs.ts', '@temporalio/client'],
  ['activities/task/run-task.ts', '#services/api/time.ts'],
  ['activities/task/run-task.ts', '../../services/api/time.ts'],
  ['activities/task/run-task.ts', '#workflows/engine/walk.ts'],
  ['activities/step/take-step.ts', '#store/index.ts'],
  ['activities/task/run-task.ts', '@temporalio/workflow'],
  ['activities/task/run-task.ts', 'fastify'],
  ['services/shared/loopback.ts', '#activities/http/http.ts'],
  ['services/api/time.ts', '#activities/task/run-task.ts'],
  ['services/api/time.ts', '../worker/config.ts'],
  ['services/api/time.ts', '@temporalio/worker'],
  ['services/worker/config.ts', '#services/api/time.ts'],
  ['services/worker/config.ts', 'fastify'],
  ['services/embedded/start.ts', '../worker/config.ts'],
  ['services/embedded/start.ts', '#harness/random.ts'],
  ['services/worker/config.ts', '#activities/testing/project.ts'],
  ['examples/run.ts', '#store/index.ts'],
  ['conformance/main.ts', '#activities/index.ts'],
  ['infra/main.ts', '#store/index.ts'],
  ['elsewhere/main.ts', 'node:fs'],
])('%s may not import %s, and learns why', (from, specifier) => {
  expect(judgeImport(from, specifier, fences)).toMatch(/: [a-z]|for tests only|without a fence/)
})

test.each([
  ['services/api/routes/logs.ts', '#store/index.ts'],
  ['services/api/routes/logs.ts', '../schemas/log.ts'],
  ['activities/bigquery/jobs.ts', '../task/interruption.ts'],
  ['activities/bigquery/jobs.test.ts', '#services/api/time.ts'],
  ['workflows/engine/walk.ts', '../contract.ts'],
  ['store/jobs.ts', 'pg'],
  ['services/worker/main.ts', '@temporalio/worker'],
])('%s may import %s', (from, specifier) => {
  expect(judgeImport(from, specifier, fences)).toBeUndefined()
})

test('oxlint refuses what crosses a fence, however it is imported', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-fences-'))
  try {
    for (const part of ['.oxlintrc.json', 'harness/fences']) {
      await cp(join(root, part), join(folder, part), { recursive: true })
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await mkdir(join(folder, 'store'))
    await writeFile(
      join(folder, 'store/planted.ts'),
      [
        `import { a } from '#services/api/time.ts'`,
        `import type { B } from '../activities/failure.ts'`,
        `export { c } from '#workflows/engine/walk.ts'`,
        `export * from 'fastify'`,
        `export const d: B = (await import('#services/api/app.ts')).d(a)`,
      ].join('\n'),
    )
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['store'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(stdout.match(/suiro\(fences\): store\/ does not/g)).toHaveLength(5)
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** All imports between files of the project that are no tests. */
async function drawn(): Promise<Arrows> {
  const arrows = new Map<string, Set<string>>()
  const folders = [...new Set(Object.keys(fences).map((folder) => folder.split('/')[0]!))]
  for await (const file of glob(folders.map((folder) => `${folder}/**/*.ts`))) {
    if (isTest(file)) continue
    const found = specifiersOf(readFileSync(file, 'utf8')).flatMap(
      (specifier) => resolve(file, specifier) ?? [],
    )
    arrows.set(file, new Set(found.filter((path) => path.endsWith('.ts') && !isTest(path))))
  }
  return arrows
}

test('no file imports itself by way of others, types included', async () => {
  const arrows = await drawn()
  expect(arrows.size).toBeGreaterThan(300)
  expect(circles(arrows)).toEqual([])
})

test('no folder does', async () => {
  // A file beside folders is a room of its own: what all of them share, or what puts them together.
  const roomOf = (file: string): string => {
    const [top = '', second = '', third] = file.split('/')
    const inside = ['activities', 'services', 'workflows'].includes(top)
    return inside ? (third === undefined ? file : `${top}/${second}`) : top
  }
  expect(circles(between(await drawn(), roomOf))).toEqual([])
})

test('clients of Temporal are made in one place, so that all read and write payloads alike', async () => {
  const own: string[] = []
  for await (const file of glob('{services,harness,bench,workflows,activities}/**/*.ts')) {
    const text = readFileSync(file, 'utf8')
    if (/(?<!pg\.)\bnew Client\(/.test(text) && text.includes('@temporalio/client')) own.push(file)
  }
  expect(own).toEqual(['services/shared/temporal.ts'])
})

test('a circle is found', () => {
  const arrows = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c', 'd'])],
    ['c', new Set(['a'])],
  ])
  expect(circles(arrows)).toEqual([['a', 'b', 'c', 'a']])
  expect(
    specifiersOf(`import type { A } from './a.ts'\nexport * from '#b/c.ts'\nimport 'd'`),
  ).toEqual(['./a.ts', '#b/c.ts', 'd'])
})
