import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { csvLine } from './csv.ts'

/** Name of the source database. */
export const sourceDatabase = 'reservations'

interface Flight {
  /** `2001/01/05 06:02` */
  readonly date: string
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly destination: string
}

/** Found when it is needed, since an installation without the examples' data is possible. */
function dataFolder(): string {
  const manifest = findPackageJSON('vega-datasets', import.meta.url)
  if (manifest === undefined) throw new Error('The package vega-datasets is not installed')
  return join(dirname(manifest), 'data')
}

/**
 * Fills the database `reservations` on the server of `databaseUrl` with the real records of
 * vega-datasets, once; answers its URL.
 */
export async function seedReservations(
  databaseUrl: string,
  print: (line: string) => void,
): Promise<string> {
  await createDatabase(databaseUrl)
  const url = new URL(databaseUrl)
  url.pathname = `/${sourceDatabase}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    const { rows } = await client.query("select to_regclass('departures') is not null as seeded")
    if (rows[0].seeded) return url.href
    // All or nothing: a seed that was interrupted is done again.
    await client.query('begin')
    const counts = [await seedDepartures(client), await seedAirports(client)]
    await client.query('commit')
    print(`Seeded the source database with ${counts.join(' departures and ')} airports`)
    return url.href
  } finally {
    await client.end()
  }
}

async function createDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const sql = 'select from pg_database where datname = $1'
    const { rowCount } = await client.query(sql, [sourceDatabase])
    if (rowCount === 0) await client.query(`create database ${sourceDatabase}`)
  } finally {
    await client.end()
  }
}

async function seedDepartures(client: pg.Client): Promise<number> {
  await client.query(`create table departures (
    id int primary key, departed_at timestamp not null, delay_minutes int not null,
    distance_miles int not null, origin text not null, destination text not null)`)
  await client.query('create index departures_departed_at on departures (departed_at)')
  const text = await readFile(join(dataFolder(), 'flights-20k.json'), 'utf8')
  const flights = JSON.parse(text) as readonly Flight[]
  return copy(
    client,
    'copy departures from stdin with (format csv)',
    flights.map(({ date, delay, distance, origin, destination }, index) =>
      csvLine([index + 1, date.replaceAll('/', '-'), delay, distance, origin, destination]),
    ),
  )
}

async function seedAirports(client: pg.Client): Promise<number> {
  await client.query(`create table airports (
    code text primary key, name text, city text, state text, country text, latitude float,
    longitude float)`)
  const lines = (await readFile(join(dataFolder(), 'airports.csv'), 'utf8'))
    .trimEnd()
    .split(/\r?\n/)
  return copy(
    client,
    'copy airports from stdin with (format csv)',
    lines.slice(1).map((line) => `${line}\n`),
  )
}

async function copy(client: pg.Client, sql: string, lines: readonly string[]): Promise<number> {
  await pipeline(Readable.from(lines), client.query(copyFrom(sql)))
  return lines.length
}
