import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEnvReader } from '#services/shared/settings/env.ts'
import { readAnswerHeaders } from './answer-headers.ts'
import { createTestApi, type TestApi } from './testing/api.ts'

function read(value?: string) {
  const reader = createEnvReader({ SUIRO_ANSWER_HEADERS: value })
  return { headers: readAnswerHeaders(reader), mistakes: reader.mistakes }
}

describe('SUIRO_ANSWER_HEADERS', () => {
  test('is a text for each name, or nothing', () => {
    expect(read()).toEqual({ headers: {}, mistakes: [] })
    expect(read('{"Access-Control-Allow-Origin": "https://data.example", "X-Team": ""}')).toEqual({
      headers: { 'access-control-allow-origin': 'https://data.example', 'x-team': '' },
      mistakes: [],
    })
  })

  test.each([
    ['no JSON', 'X-Team: data', /must be a JSON object such as/],
    ['no object', '["x-team"]', /must be a JSON object such as/],
    ['no name', '{"x team": "a"}', /"x team" is no name of a header/],
    ['a name that ends its line', '{"x-a\\r\\nx-b": "a"}', /"x-a\\r\\nx-b" is no name of a header/],
    ['no text', '{"x-team": 1}', /value of "x-team" must be a text of one line/],
    ['a line feed', '{"x-team": "a\\nx-b: c"}', /value of "x-team" must be a text of one line/],
    ['a carriage return', '{"x-team": "a\\rb"}', /value of "x-team" must be a text of one line/],
    ['no ASCII', '{"x-team": "水路"}', /value of "x-team" must be a text of one line/],
    ['one of ours', '{"Content-Length": "3"}', /"Content-Length" is set for each answer/],
    ['one twice', '{"X-Team": "a", "x-team": "b"}', /"x-team" is there twice/],
  ])('is refused with %s', (_, value, why) => {
    expect(read(value).mistakes).toEqual([expect.stringMatching(why)])
  })
})

describe('every answer has the headers that are set', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await createTestApi({
      answerHeaders: { 'x-team': 'data', 'x-frame-options': 'SAMEORIGIN' },
    })
  })
  afterAll(() => api.close())

  test.each(['/api/version', '/api/projects', '/', '/api/nothing', '/%', '/api/attempts/x'])(
    '%s',
    async (path) => {
      const { headers } = await api.ask('GET', path)
      expect(headers).toMatchObject({ 'x-team': 'data', 'x-content-type-options': 'nosniff' })
      // A setting is stronger than what we would say.
      expect(headers['x-frame-options']).toBe('SAMEORIGIN')
    },
  )

  test('what is no request at all', async () => {
    await api.app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('nonsense\r\n\r\n')
    expect(await text(socket)).toContain('\r\nx-team: data\r\n')
  })
})
