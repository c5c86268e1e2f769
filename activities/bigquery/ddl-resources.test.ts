import { expect, test } from 'vitest'
import { readDataset, readTable } from './ddl-resources.ts'

const defaults = {
  projectId: 'mine',
  location: 'asia-northeast1',
  dataset: { projectId: 'other', datasetId: 'daily' },
  timezone: 'Asia/Tokyo',
  now: new Date('2024-01-31T00:00:00Z'),
}

test('a data set is made where jobs run, unless it says otherwise', () => {
  expect(readDataset('p:d', defaults).body).toEqual({
    datasetReference: { projectId: 'p', datasetId: 'd' },
    location: 'asia-northeast1',
  })
  expect(readDataset({ id: 'd', location: 'EU' }, defaults).body).toEqual({
    datasetReference: { projectId: 'mine', datasetId: 'd' },
    location: 'EU',
  })
})

test.each([
  ['2024-02-01T00:00:00Z', '2024-02-01T00:00:00Z'],
  ['2024-02-01 09:00:00', '2024-02-01T00:00:00Z'],
  ['2024-02-01', '2024-01-31T15:00:00Z'],
  ['1d', '2024-02-01T00:00:00Z'],
])('a table that expires at %s does so at %s', (text, expected) => {
  const { body } = readTable({ id: 't', expiration_time: text }, defaults)
  expect(body['expirationTime']).toBe(String(Date.parse(expected)))
})

test('an expiration that is neither a time nor a duration is refused', () => {
  expect(() => readTable({ id: 't', expiration_time: 'soon' }, defaults)).toThrow(
    'Invalid time or duration: soon',
  )
})

test("a table's access becomes a policy with one binding for each role", () => {
  const access = [
    { role: 'READER', groupByEmail: 'analysts@example.com' },
    { role: 'READER', domain: 'example.com' },
    { role: 'WRITER', userByEmail: 'robot@p.iam.gserviceaccount.com' },
    { role: 'roles/bigquery.admin', iamMember: 'allUsers' },
  ]
  expect(readTable({ id: 't', access }, defaults).policy).toEqual({
    policy: {
      bindings: [
        {
          role: 'roles/bigquery.dataViewer',
          members: ['group:analysts@example.com', 'domain:example.com'],
        },
        {
          role: 'roles/bigquery.dataEditor',
          members: ['serviceAccount:robot@p.iam.gserviceaccount.com'],
        },
        { role: 'roles/bigquery.admin', members: ['allUsers'] },
      ],
    },
  })
  expect(() => readTable({ id: 't', access: [{ role: 'READER' }] }, defaults)).toThrow(
    'An access entry of a table names userByEmail',
  )
})
