import { readdir, readFile } from 'node:fs/promises'
import { Worker } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { workflowBundle } from './testing/temporal.ts'

const folder = new URL('./histories/', import.meta.url)
const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()

// An attempt that is running while a new version is deployed goes on under the new code.
test.each(names)('the recorded history %s still replays', async (name) => {
  const history: unknown = JSON.parse(await readFile(new URL(name, folder), 'utf8'))
  const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history)
  await expect(replay).resolves.toBeUndefined()
})

test('a history that the code would not have produced is refused', async () => {
  const text = await readFile(new URL('reservations-dig.json', folder), 'utf8')
  // As if tasks had been run by an activity of another name.
  const wrong: unknown = JSON.parse(text.replaceAll('"name": "runTask"', '"name": "somethingElse"'))
  const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, wrong)
  await expect(replay).rejects.toThrow(/[Nn]ondeterminism|does not match/)
})
