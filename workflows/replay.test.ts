import { readdir, readFile } from 'node:fs/promises'
import { replayAll } from '#harness/restarts/replay.ts'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { expect, test } from 'vitest'

const folder = new URL('./histories/', import.meta.url)
const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()

const read = async (name: string): Promise<string> => readFile(new URL(name, folder), 'utf8')
const faults = (name: string, text: string): Promise<readonly string[]> => {
  const history = historyFromJSON(JSON.parse(text))
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes
  // Branches are called after it.
  return replayAll([{ workflowId: started?.workflowId || name, history }])
}

test('there are recorded histories', () => expect(names.length).toBeGreaterThan(10))

// An attempt that is running while a new version is deployed goes on under the new code.
test.each(names)(
  'the recorded history %s still replays, from every prefix',
  async (name) => {
    expect(await faults(name, await read(name))).toEqual([])
    // Every prefix of a long history is much to compute on a machine that is busy.
  },
  300_000,
)

test('a history that the code would not have produced is refused', async () => {
  const text = await read('waits-in-parallel.json')
  // As if the command had been run by an activity of another name.
  const wrong = text.replaceAll('"name":"runTask"', '"name":"somethingElse"')
  expect(wrong).not.toBe(text)
  expect((await faults('wrong', wrong)).join('\n')).toMatch(/[Nn]ondeterminism|does not match/)
})

test('a step that was answered by other code is refused', async () => {
  const text = await read('steer.json')
  const wrong = JSON.parse(text, (key, value: unknown) => {
    if (key !== 'result' || !Array.isArray((value as { payloads?: unknown[] }).payloads))
      return value
    return { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'e30=' }] }
  }) as unknown
  expect((await faults('wrong', JSON.stringify(wrong))).join('\n')).toContain('other code')
})
