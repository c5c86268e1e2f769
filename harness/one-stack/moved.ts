import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Stack } from '#harness/stack/stack.ts'
import { businesses, movedProject, scheduled } from './moved-project.ts'

/** A project that came from a Digdag: nothing of it is changed, and it is only pushed. */
export function movedTests(stack: () => Stack): void {
  test('a project of 20 workflows with schedules, includes and scripts moves by a push alone', async () => {
    const { api } = stack()
    const files = movedProject()
    expect(Object.keys(files).filter((name) => name.endsWith('.dig'))).toHaveLength(20)
    expect(await api.push('moved', await packed(files))).toMatchObject({ status: 200 })

    const { body } = await api.request('GET', '/api/schedules')
    const schedules = body['schedules'] as readonly Scheduled[]
    const own = schedules.filter(({ project }) => project.name === 'moved')
    const expected = businesses.flatMap((business) =>
      scheduled.map((name) => `${business}_${name}`),
    )
    expect(own.map(({ workflow }) => workflow.name).toSorted()).toEqual(expected.toSorted())

    const said = await Promise.all(
      businesses.flatMap((business) =>
        [...scheduled, 'check'].map((name) => run(stack(), `${business}_${name}`)),
      ),
    )
    expect(said.flat().toSorted()).toEqual(businesses.flatMap(expectedOf).toSorted())
  }, 300_000)
}

interface Scheduled {
  readonly project: { readonly name: string }
  readonly workflow: { readonly name: string }
}

/** As the client packs it: a tar, and gzip around it. */
async function packed(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-moved-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, dirname(name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    await chmod(join(folder, 'scripts/prepare.sh'), 0o755)
    const { stdout } = spawnSync('tar', ['-C', folder, '-czf', '-', ...Object.keys(files)])
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The lines of a workflow's tasks that name its business. */
async function run({ api }: Stack, workflow: string): Promise<readonly string[]> {
  const { body } = await api.start('moved', workflow, '2026-03-05T00:00:00Z')
  const id = String(body['id'])
  expect([workflow, (await api.finished(id, 240)).status]).toEqual([workflow, 'success'])
  const [business = ''] = workflow.split('_')
  const lines = (await api.logFiles(id)).flatMap(({ text }) => text.split('\n'))
  // What a command printed, and what `echo>` says; not the service's own lines.
  return lines.filter((line) => line.includes(business) && !/\[(?:INFO|WARN|ERROR)\]/.test(line))
}

const expectedOf = (business: string): readonly string[] => [
  `prepared ${business} in tokyo`,
  `counted ${business} 1001`,
  ...['first', 'second'].map((part) => `${business} ${part} 1001 2026-03-05 09:00:00`),
  // Called by the day, and on its own.
  ...Array.from({ length: 2 }, () => `share of ${business} is right`),
  ...[0, 1].map((hour) => `${business} hour ${hour}`),
  `${business} of 2026-03`,
  `${business} at 2026-03-05 09:00:00`,
  `checked ${business}`,
]
