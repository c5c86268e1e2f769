import type { FastifyInstance } from 'fastify'
import { isExactNumber } from '#workflows/domain/exact-number.ts'
import { RequestInvalid } from '../errors.ts'

/** Deeper than any person nests; all that walks parameters later calls itself for each level. */
const deepest = 100

/** Refuses what could be stored only by changing it, wherever it is in a request. */
export function checkTexts(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ params, query, body, url }) => {
    const escaped = url.split('?').slice(1).join('?')
    if (!isDecodable(escaped)) {
      throw new RequestInvalid(
        'The query has a "%" that begins no UTF-8 character: write it as %25',
      )
    }
    const parts = { path: params, query, body: Buffer.isBuffer(body) ? undefined : body }
    for (const [name, value] of Object.entries(parts)) {
      const mistake = firstMistake(value, name)
      if (mistake !== undefined) throw new RequestInvalid(mistake)
    }
  })
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

interface Place {
  readonly value: unknown
  readonly path: readonly string[]
}

/** A sentence on the first value that cannot be stored as it came. */
function firstMistake(root: unknown, name: string): string | undefined {
  // A list of what is left, since a value may be nested deeper than calls may be.
  const left: Place[] = [{ value: root, path: [] }]
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    const { value, path } = place
    const wrong = wrongValue(value)
    if (wrong !== undefined) return `${placeName(name, path)} ${wrong}`
    if (typeof value !== 'object' || value === null || isExactNumber(value)) continue
    if (path.length >= deepest) {
      return `${placeName(name, path.slice(0, 1))} is nested more than ${deepest} levels deep. Keep such data in a file or a storage bucket, and the way to it here`
    }
    for (const [key, inner] of Object.entries(value)) {
      const wrongKey = wrongValue(key)
      if (wrongKey !== undefined) return `A key in ${placeName(name, path)} ${wrongKey}`
      left.push({ value: inner, path: [...path, key] })
    }
  }
  return undefined
}

const placeName = (part: string, path: readonly string[]): string =>
  path.length === 0 ? `the ${part}` : `${path.join('.').slice(0, 200)} (in the ${part})`

function wrongValue(value: unknown): string | undefined {
  // An integer may have any number of digits; a float that is none in memory has lost its value.
  if (
    isExactNumber(value) &&
    /[.eE]/.test(value.rawJSON) &&
    !Number.isFinite(Number(value.rawJSON))
  )
    return 'is too large a number'
  if (typeof value !== 'string') return undefined
  if (value.includes('\0')) return 'holds a NUL character (\\u0000), which cannot be stored'
  if (!value.isWellFormed()) {
    return 'holds half of a surrogate pair (\\ud800 to \\udfff alone), which is no character'
  }
  return undefined
}
