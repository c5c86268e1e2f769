import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createClient } from '#client/client.ts'
import { chosenSeed, createRandom } from '#harness/random.ts'
import { useStack } from '#harness/stack/use-stack.ts'
import { typedScalar } from '#workflows/dig/read/scalar.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import { meaning, numberText } from '#harness/numbers.ts'
import { expect, onTestFinished, test } from 'vitest'

const stack = await useStack()

const python = `
import digdag
def look(file, start, **rest):
    for given, texts in ((file, rest["file_texts"]), (start, rest["start_texts"])):
        assert len(given) == len(texts)
        for number, text in zip(given, texts):
            kind = float if any(c in text for c in ".eE") else int
            assert type(number) is kind and number == kind(text), (number, text)
    digdag.env.store(python=file + start)
`
const ruby = `
class Work
  def look(python, file_texts, start_texts)
    python.zip(file_texts + start_texts) do |number, text|
      wanted = text =~ /[.eE]/ ? text.to_f : text.to_i
      raise [number, text].inspect unless number.eql?(wanted)
    end
    Digdag.env.store(ruby: python)
  end
end
`

test('numbers of any shape are the same at the end of every way through Suiro', async () => {
  const random = createRandom(chosenSeed())
  console.log(`numbers with seed ${random.seed}`)
  const server = createServer((request, response) => {
    void text(request).then((body) => response.end(body))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const some = (count: number, fits: (text: string) => boolean): readonly string[] => {
    const found: string[] = []
    while (found.length < count) {
      const one = numberText(random)
      if (fits(one)) found.push(one)
    }
    return found
  }
  // In a file a number that begins with "0." is a text.
  const inFile = some(80, (one) => typeof typedScalar(one) !== 'string')
  const inStart = some(80, () => true)
  const all = [...inFile, ...inStart]
  const wanted = all.map(meaning)

  const api = createClient(stack.url, { readJson: parseJson })
  const pushed = await api.push('numbers', {
    'm.py': python,
    'work.rb': ruby,
    'case.dig': `
_export: {file: [${inFile.join(', ')}]}
+python: {py>: m.look}
+ruby: {rb>: Work.look, require: work}
+shell: {sh>: 'echo "$file"; echo "$start"; echo "$ruby"'}
+each:
  for_each>: {x: [${inFile.slice(0, 20).join(', ')}]}
  _do: {sh>: 'echo "$x"'}
+http:
  http>: ${url}
  method: POST
  content: {numbers: [${inFile.join(', ')}]}
  store_content: true
+body: {sh>: 'echo "$http"'}
`,
  })
  expect(pushed).toMatchObject({ status: 200 })
  // As a program of any language would write it.
  const texts = `"file_texts": ${JSON.stringify(inFile)}, "start_texts": ${JSON.stringify(inStart)}`
  const response = await fetch(`${stack.url}/api/attempts`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: `{"workflowId": ${await api.workflowId(String(pushed.body['id']), 'case')}, "sessionTime": "2026-03-05T00:00:00Z",
      "params": {"start": [${inStart.join(', ')}], ${texts}}}`,
  })
  const { id } = (await response.json()) as { id: string }
  const ended = await api.finished(id, 120)
  const tasks = await api.tasks(id)
  expect(ended.status, `errors ${JSON.stringify(tasks.map(({ error }) => error))}`).toBe('success')

  const meanings = (list: unknown): readonly string[] =>
    (list as readonly unknown[]).map((one) => meaning(JSON.stringify(one)))
  expect(meanings(ended.params['start']), `seed ${random.seed}`).toEqual(inStart.map(meaning))
  const linesOf = async (task: string): Promise<readonly string[]> =>
    (await api.log(id, task)).split('\n').filter((line) => /^(?:\[|\{|-?\d[\d.eE+-]*$)/.test(line))
  const [file, start, fromRuby] = (await linesOf('+case+shell')).map((line) => parseJson(line))
  expect(meanings(file), `seed ${random.seed}`).toEqual(inFile.map(meaning))
  expect(meanings(start), `seed ${random.seed}`).toEqual(inStart.map(meaning))
  // Python and Ruby have doubles: floats of more digits come back as the nearest one.
  const doubled = (one: unknown): unknown => {
    const written = JSON.stringify(one)
    return /[.eE]/.test(written) ? Number(written) : written
  }
  expect((fromRuby as readonly unknown[]).map(doubled), `seed ${random.seed}`).toEqual(
    all.map((one) => (/[.eE]/.test(one) ? Number(one) : JSON.stringify(parseJson(one)))),
  )
  const each = await Promise.all(
    tasks
      .filter(({ fullName }) => fullName.startsWith('+case+each^sub+'))
      .map(async ({ fullName }) => (await linesOf(fullName)).map(meaning)),
  )
  expect(each.flat(), `seed ${random.seed}`).toEqual(wanted.slice(0, 20))
  const [body] = (await linesOf('+case+body')).map((line) => parseJson(line))
  const { last_content } = body as { last_content: string }
  expect(
    meanings((parseJson(last_content) as { numbers: unknown }).numbers),
    `seed ${random.seed}`,
  ).toEqual(inFile.map(meaning))
}, 180_000)
