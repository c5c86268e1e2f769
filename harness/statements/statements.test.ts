import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'

const folder = new URL('./releases/', import.meta.url)
const releases = readdirSync(folder).map((file) => ({
  release: file.replace('.json', ''),
  statements: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly string[],
}))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** PostgreSQL's words where it could not run the statement, whatever its parameters. */
const refusalOf = async (statement: string): Promise<string | undefined> => {
  try {
    await database.pool.query(`explain (generic_plan) ${statement}`)
    return undefined
  } catch (error) {
    return `${(error as Error).message}: ${statement}`
  }
}

// During a roll-out, and after a roll-back, processes of the version before work on the schema of this one.
test.each(releases)(
  'what the release $release sends to PostgreSQL still runs on the schema of this one',
  async ({ statements }) => {
    expect(statements.length).toBeGreaterThan(50)
    const refused = await Promise.all(statements.map(refusalOf))
    expect(refused.filter((words) => words !== undefined)).toEqual([])
  },
)

test('a statement that no longer runs is found', async () => {
  expect(await refusalOf('select gone from attempts where id = $1')).toMatch(
    /"gone" does not exist/,
  )
  expect(await refusalOf('insert into reporting.attempts (project) values ($1)')).toMatch(
    /cannot insert into view/,
  )
})
