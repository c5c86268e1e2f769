import { expect, test } from 'vitest'
import { startNeeds } from '../needs.ts'
import { readEnginePlaces } from './places.ts'

test('the engines are those of npm start, unless the settings name others', () => {
  const home = { SUIRO_HOME: '/nowhere/at/all' }
  expect(readEnginePlaces(home)).toEqual({
    storage: 'http://127.0.0.1:65436',
    bucket: 'suiro',
    bigquery: 'http://127.0.0.1:65434',
    project: 'suiro-local',
  })
  const moved = { ...home, SUIRO_STORAGE_PORT: '1', SUIRO_BIGQUERY_PORT: '2', SUIRO_BUCKET: 'b' }
  expect(readEnginePlaces(moved)).toMatchObject({
    ...{ storage: 'http://127.0.0.1:1', bigquery: 'http://127.0.0.1:2', bucket: 'b' },
  })
  const named = {
    STORAGE_API_ENDPOINT: 'http://s',
    BIGQUERY_API_ENDPOINT: 'http://b',
    DATABASE_URL: 'postgres://u@h/d',
    GOOGLE_CLOUD_PROJECT: 'p',
  }
  expect(readEnginePlaces(named)).toMatchObject({
    ...{ storage: 'http://s', bigquery: 'http://b', database: 'postgres://u@h/d', project: 'p' },
  })
})

test('an engine that is not there is missing, and its cases are not run', async () => {
  const nowhere = 'http://127.0.0.1:1'
  const places = { storage: nowhere, bigquery: nowhere, bucket: 'b', project: 'p' }
  const all = ['storage', 'bigquery', 'postgres']
  const needs = await startNeeds(all, places)
  expect(needs.missing(['operator:pg', ...all])).toEqual(all)
  expect(needs.params(all)).toEqual({})
  await needs.close()
})
