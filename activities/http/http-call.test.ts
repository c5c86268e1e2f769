import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { createHttpCall } from './http-call.ts'
import { defaultHttpSettings } from './settings.ts'
import { httpCall } from './testing/run.ts'
import { createHttpServer, type TestServer } from './testing/server.ts'

let server: TestServer
let stage: Stage
beforeAll(async () => {
  server = await createHttpServer()
  stage = await createStage([createHttpCall(defaultHttpSettings)])
})
afterAll(() => Promise.all([server.close(), stage.close()]))

const answer = (body: string, type?: string): void => {
  server.respond = (_, response) =>
    response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body)
}

const call = (params = {}, files = {}) =>
  httpCall({ _command: server.origin, ...params }, { files })

describe('http_call> runs', () => {
  test('a workflow in YAML, as subtasks that see what is exported and stored', async () => {
    answer(
      '_export: {who: server}\n+b:\n  echo>: ${who} greets ${from}\n+c:\n  echo>: bye\n',
      'application/x-yaml; charset=utf-8',
    )
    const played = await stage.play({
      'case.dig': `+a:\n  _export: {from: caller}\n  http_call>: ${server.origin}/workflow`,
    })
    expect(played.end.state).toBe('success')
    expect(played.states).toEqual([
      '+case success',
      '+case+a success',
      '+case+a^sub success',
      '+case+a^sub+b success',
      '+case+a^sub+c success',
    ])
    expect(await played.output('+case+a^sub+b')).toBe('server greets caller\n')
  })

  test('one in JSON, with Digdag’s reading of scalars', async () => {
    answer('{"+b": {"echo>": "hi"}, "timezone": "Asia/Tokyo"}', 'application/json')
    expect(await call()).toEqual({ subtasks: { '+b': { 'echo>': 'hi' } } })
  })

  test('what it has printed before, JSON as YAML', async () => {
    answer('{"+b": {"echo>": "hi", "list": [1, 2.0], "_export": {"no": null}}}', 'application/json')
    const printed = await stage.play({ 'case.dig': `+a: {http_call>: "${server.origin}"}` })
    expect(await printed.output('+case+a')).toBe(`"+b":
  echo>: "hi"
  list:
  - 1
  - 2.0
  _export:
    no: null
`)
  })

  test('one of whatever type when it is given', async () => {
    answer('+b: {echo>: hi}', 'text/plain')
    expect(await call({ content_type_override: 'application/x-yaml' })).toEqual({
      subtasks: { '+b': { 'echo>': 'hi' } },
    })
  })

  test('one that includes a file of the project, in the folder of the caller', async () => {
    answer('!include : more.dig\n+b: {echo>: hi}', 'application/x-yaml')
    const files = { 'sub/more.dig': '+a: {echo>: first}' }
    expect(await call({ _workdir: 'sub' }, files)).toEqual({
      subtasks: {
        _export: { _workdir: 'sub' },
        '+a': { 'echo>': 'first' },
        '+b': { 'echo>': 'hi' },
      },
    })
  })

  test('what a request with content is answered: that is a POST unless another is given', async () => {
    answer('+b: {echo>: hi}', 'application/x-yaml')
    await call({ content: { a: 1 } })
    expect(server.received.at(-1)).toMatchObject({ method: 'POST', body: '{"a":1}' })
    await call({ content: 'x', method: 'PUT' })
    expect(server.received.at(-1)).toMatchObject({ method: 'PUT', body: 'x' })
    await call()
    expect(server.received.at(-1)!.method).toBe('GET')
  })
})

describe('http_call> fails', () => {
  test.each([
    ['text/html', '<p>', 'Unsupported Content-Type (expected application/json or'],
    [undefined, '+b: {echo>: hi}', 'Content-Type must be set in the HTTP response but not set'],
    ['application/json', '{"+b": ', 'Failed to parse response as JSON: '],
    ['application/json', '[1]', 'Failed to parse response as JSON: it is no object'],
    ['application/x-yaml', '- a', 'Expected object to load Config'],
    ['application/x-yaml', `#${'x'.repeat(65_536)}`, 'Response content too large: 65537 > 65536'],
  ])('at %s: %.10s', async (type, body, message) => {
    answer(body, type)
    await expect(call()).rejects.toThrow(message)
  })

  test('at a workflow with mistakes, all of which it reports with their lines', async () => {
    answer('+b:\n  echo>: hi\n  sh>: two\n+c:\n  odd: 1\n', 'application/x-yaml')
    const failed = call()
    await expect(failed).rejects.toThrow("A task can't have more than one operator")
    await expect(failed).rejects.toThrow('at http_call.dig:5:3')
    await expect(failed).rejects.toMatchObject({ kind: 'config' })
  })

  test('when the server does, and is called again for what may pass', async () => {
    server.respond = (_, response) => response.writeHead(404).end()
    await expect(call()).rejects.toThrow('HTTP 4XX Client Error')
    server.respond = (_, response) => response.writeHead(502).end()
    expect(await call()).toEqual({ again: { afterSeconds: 1 } })
  })
})
