import { describe, expect, test } from 'vitest'
import { advice } from './failure-reasons.ts'
import { failureText } from './failure-text.ts'
import { readJob } from './job-report.ts'

describe('what to do about a failure', () => {
  const message = 'something'

  test.each([
    ['backendError', 'again'],
    ['jobInternalError', 'again'],
    ['rateLimitExceeded', 'slowly'],
    ['tableUnavailable', 'slowly'],
    ['quotaExceeded', 'never'],
    ['invalidQuery', 'never'],
    ['bytesBilledLimitExceeded', 'never'],
    ['stopped', 'never'],
  ] as const)('%s: %s', (reason, expected) => {
    expect(advice({ message, reason })).toBe(expected)
  })

  test('the reason says more than the status', () => {
    expect(advice({ message, reason: 'rateLimitExceeded', status: 403 })).toBe('slowly')
    expect(advice({ message, reason: 'notImplemented', status: 501 })).toBe('never')
    expect(advice({ message, reason: 'unheardOf', status: 502 })).toBe('again')
  })

  test('without a reason the status decides, without an answer the network', () => {
    expect(advice({ message, status: 503 })).toBe('again')
    expect(advice({ message, status: 429 })).toBe('slowly')
    expect(advice({ message, status: 401 })).toBe('never')
    expect(advice({ message, code: 'ECONNRESET' })).toBe('again')
    expect(advice({ message, code: 'CERT_HAS_EXPIRED' })).toBe('never')
    expect(advice({ message })).toBe('never')
  })

  test('two writers that collided try again, though BigQuery calls the query invalid', () => {
    const collisions = [
      'Exceeded rate limits: too many table update operations for this table.',
      'Could not serialize access to table p:d.t due to concurrent update',
      'Catalog write-write conflict on create with "gcs_emulator"',
    ]
    for (const text of collisions) {
      expect(advice({ message: text, reason: 'invalidQuery' })).toBe('slowly')
    }
  })
})

describe('the words of a failure', () => {
  test('name reason, job, what it is about and where in the SQL that is', () => {
    const error = { message: 'No such object', reason: 'notFound', location: 'gs://b/o' }
    expect(failureText(error, { what: 'job p:US.j' })).toBe(
      'BigQuery notFound: No such object\njob p:US.j, at gs://b/o',
    )
    const query = { message: 'Unrecognized name: b at [1:8]', reason: 'invalidQuery' }
    expect(failureText(query, { what: 'job p:US.j', where: 'a.sql, line 1: "SELECT b"' })).toBe(
      'BigQuery invalidQuery: Unrecognized name: b at [1:8] (a.sql, line 1: "SELECT b")\njob p:US.j',
    )
  })

  test.each(['query', 'q', ''])('do not take the location %j for a place', (location) => {
    const error = { reason: 'invalidQuery', message: 'no', location }
    const { failure, errors } = readJob({ status: { errorResult: error, errors: [error] } })
    expect(failure).toEqual({ reason: 'invalidQuery', message: 'no' })
    expect(errors).toEqual([failure])
  })
})
