import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { chooseTaskUser } from './task-user.ts'

const root = process.getuid?.() === 0

/** A folder for a worker's data, of which a user of its own sees what is open. */
async function place(mode: number) {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-choose-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, mode)
  return { folder, home: join(folder, 'home'), temporary: join(folder, 'home/work') }
}

async function choose(
  { home, temporary }: { readonly home: string; readonly temporary: string },
  taskUser?: Parameters<typeof chooseTaskUser>[0]['taskUser'],
) {
  const lines: string[] = []
  const user = await chooseTaskUser(
    { home, ...(taskUser === undefined ? {} : { taskUser }) },
    temporary,
    (line) => lines.push(line),
  )
  return { user, lines }
}

test.runIf(root)('a worker that is root lends commands a user with a HOME of its own', async () => {
  const { home, temporary } = await place(0o711)
  const { user, lines } = await choose({ home, temporary })
  expect(user).toMatchObject({ uid: 61_000, gid: 61_000 })
  const { uid, mode } = await stat(user!.home)
  expect([uid, mode & 0o777]).toEqual([61_000, 0o700])
  expect(lines[0]).toBe("Tasks' commands run as user 61000, who cannot read what is the worker's")
})

test.runIf(root)('it says which folders of PATH that user cannot enter', async () => {
  const { folder, home, temporary } = await place(0o711)
  const [closed, open] = [join(folder, 'closed'), join(folder, 'open')]
  await mkdir(closed, { mode: 0o700 })
  await mkdir(open, { mode: 0o755 })
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('PATH', [closed, open, '/no/such/folder', '/usr/bin', '/bin'].join(delimiter))
  const { lines } = await choose({ home, temporary })
  expect(lines[1]).toMatch(new RegExp(`^Programs in ${closed} are not there for them`))
})

test.runIf(root)('another user may be named', async () => {
  const { user } = await choose(await place(0o711), { uid: 61_234, gid: 61_235 })
  expect(user).toMatchObject({ uid: 61_234, gid: 61_235 })
})

test.runIf(root)(
  'below a closed folder commands have the rights of the worker, which says so',
  async () => {
    const closed = await place(0o700)
    const { user, lines } = await choose(closed)
    expect(user).toBeUndefined()
    expect(lines).toEqual([expect.stringMatching(/own rights .*a folder above it is closed/)])
    await expect(choose(closed, { uid: 61_234, gid: 61_235 })).rejects.toThrow(ConfigError)
  },
)

test('none keeps the rights of the worker', async () => {
  const { user, lines } = await choose(await place(0o711), 'none')
  expect(user).toBeUndefined()
  expect(lines).toEqual([expect.stringContaining('SUIRO_TASK_USER=none')])
})

test.runIf(!root)('who is not root cannot lend a user', async () => {
  const there = await place(0o711)
  const { user, lines } = await choose(there)
  expect(user).toBeUndefined()
  expect(lines).toEqual([expect.stringContaining('it is not root')])
  await expect(choose(there, { uid: 61_234, gid: 61_235 })).rejects.toThrow(ConfigError)
})
