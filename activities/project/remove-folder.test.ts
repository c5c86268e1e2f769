import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = process.getuid?.() === 0
const module = new URL('remove-folder.ts', import.meta.url).href

/** A folder with a closed one in it, of a user that is not root; root itself is stopped by no mode. */
async function closedFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-closed-'))
  const inner = join(folder, 'closed')
  await mkdir(inner)
  await writeFile(join(inner, 'file'), '')
  if (root)
    for (const path of [join(inner, 'file'), inner, folder]) await chown(path, 61_001, 61_001)
  await chmod(inner, 0)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return { folder, inner }
}

/** Removes it as that user and answers what is said. */
function remove(folder: string): string {
  const script = `const { removeFolder } = await import('${module}'); await removeFolder('${folder}', console.log)`
  const node = [process.execPath, '--input-type=module', '-e', script]
  const as = ['setpriv', '--reuid=61001', '--regid=61001', '--clear-groups', '--']
  const [program = '', ...args] = root ? [...as, ...node] : node
  return execFileSync(program, args, { encoding: 'utf8', cwd: '/' })
}

// The user may write in /tmp, where the folder itself is.
test('a folder that a task has closed is removed', async () => {
  const { folder } = await closedFolder()
  expect(remove(folder)).toBe('')
  expect(existsSync(folder)).toBe(false)
})

test('folders in one another, deeper than a path may be long, are removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-deep-'))
  execFileSync(
    'python3',
    ['-c', "import os\nfor _ in range(2500):\n    os.mkdir('d')\n    os.chdir('d')"],
    { cwd: folder },
  )
  if (root) execFileSync('chown', ['-R', '61001:61001', folder])
  expect(remove(folder)).toBe('')
  expect(existsSync(folder)).toBe(false)
})

test.runIf(root)("somebody else's is reported", async () => {
  const { folder, inner } = await closedFolder()
  await chown(inner, 61_002, 61_002)
  expect(remove(folder)).toMatch(
    /^The working folder .* could not be removed \(.*Permission denied.*\): remove it by hand/,
  )
  expect(existsSync(folder)).toBe(true)
})
