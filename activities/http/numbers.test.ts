import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { http, httpCall } from './testing/run.ts'

const seen: string[] = []
const server = createServer((request, response) => {
  void text(request).then((body) => {
    seen.push(`${request.url} ${String(request.headers['x-rate'] ?? '')} ${body}`)
    response.setHeader('content-type', 'application/json')
    response.end('{"+a": {"echo>": "x", "big": 9007199254740993, "whole": 25000.0}}')
  })
})
let url = ''
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => void server.close())

const params = (json: string): JsonObject => parseJson(json) as JsonObject

test('http> sends numbers as they are, in content, query and headers', async () => {
  const given = '{"whole": 25000.0, "l": [9007199254740993, {"n": 1e3}]}'
  const more = '"method": "POST", "query": {"q": 2.0}, "headers": [{"x-rate": 0.0}]'
  await http({ ...params(`{"content": ${given}, ${more}}`), _command: url })
  expect(seen.splice(0)).toEqual([
    '/?q=2.0 0.0 {"whole":25000.0,"l":[9007199254740993,{"n":1000.0}]}',
  ])
  const form = '"content_format": "form", "content": {"a": 1.0, "b": 9007199254740993}'
  await http({ ...params(`{"method": "POST", ${form}}`), _command: url })
  expect(seen.splice(0)).toEqual(['/  a=1.0&b=9007199254740993'])
  await http({ ...params('{"method": "POST", "content": 5.0}'), _command: url })
  expect(seen.splice(0)).toEqual(['/  5.0'])
  await http({ ...params('{"query": "{\\"q\\": 2.0}"}'), _command: url })
  expect(seen.splice(0)).toEqual(['/?q=2.0  '])
})

test('http> refuses a number as a form', async () => {
  const content = params('{"content": 5.0, "content_format": "form", "method": "POST"}')
  await expect(http({ ...content, _command: url })).rejects.toThrow(
    "Invalid content format for numbers: 'form'. content_format is text or json for it",
  )
})

test('http_call> runs a workflow with the numbers that the server answered', async () => {
  const { subtasks } = await httpCall({ _command: url })
  expect(JSON.stringify(subtasks)).toContain('"big":9007199254740993,"whole":25000.0')
})
