import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { parseJson } from '#workflows/domain/json-text.ts'
import { IdOf, Json } from '../schemas/common.ts'
import { validatorCompiler } from './validation.ts'

const schema = Type.Object({ id: IdOf('workflow'), params: Type.Optional(Json) })
const check = validatorCompiler({ schema, method: 'PUT', url: '/', httpPart: 'body' })

const read = (text: string) => {
  const result = check(parseJson(text)) as { readonly value?: unknown; readonly error?: Error }
  return result.error?.message ?? JSON.stringify(result.value)
}

test('numbers keep kind and digits where a schema leaves them open', () => {
  const params = '{"a":1.0,"b":[9007199254740993,{"c":2.0}]}'
  expect(read(`{"id":"3","params":${params}}`)).toBe(`{"id":3,"params":${params}}`)
})

test('where a schema wants a number it gets one of JavaScript', () => {
  expect(read('{"id":3.0}')).toBe('{"id":3}')
  expect(read('{"id":3.5}')).toContain('id must be integer, but is 3.5')
})

test('a number that is not wanted is shown as it was written', () => {
  expect(read('{"id":9007199254740993}')).toContain(
    'id must be <= 9007199254740991, but is 9007199254740993',
  )
  expect(read('{"id":1,"params":25000.0}')).toContain('params must be object, but is 25000.0')
  expect(read('5.0')).toContain('the body must be object, but is 5.0')
})
