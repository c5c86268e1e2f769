import { DateTime } from 'luxon'
import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import { createConfig, type Config } from '../task/config.ts'
import { readDuration } from '#workflows/dig/duration.ts'
import {
  parseDataset,
  parseTable,
  type DatasetReference,
  type TableReference,
} from './table-reference.ts'

/** What `bq_ddl>` goes by when an entry leaves something out. */
export interface DdlDefaults {
  readonly projectId: string
  readonly location?: string
  readonly dataset?: DatasetReference
  readonly timezone: string
  readonly now: Date
}

/** What datasets.insert is sent. */
export interface DatasetResource {
  readonly dataset: DatasetReference
  readonly body: JsonObject
}

/** What tables.insert is sent, and tables.setIamPolicy after it. */
export interface TableResource {
  readonly table: TableReference
  readonly body: JsonObject
  readonly policy?: JsonObject
}

const datasetKeys = [
  'id',
  'project',
  'friendly_name',
  'description',
  'default_table_expiration',
  'location',
  'access',
  'labels',
]

const tableKeys = [
  'id',
  'project',
  'dataset',
  'friendly_name',
  'description',
  'expiration_time',
  'schema',
  'time_partitioning',
  'range_partitioning',
  'clustering',
  'view',
  'access',
  'labels',
]

/** A data set to create: its name, or an object that describes it. */
export function readDataset(entry: Json, defaults: DdlDefaults): DatasetResource {
  if (typeof entry === 'string') {
    const dataset = parseDataset(entry, defaults.projectId)
    return { dataset, body: datasetBody(dataset, { location: defaults.location }) }
  }
  const config = described(entry, 'dataset', datasetKeys)
  const dataset = parseDataset(
    config.string('id'),
    config.optionalString('project') ?? defaults.projectId,
  )
  const expiration = config.optionalDuration('default_table_expiration')
  const body = datasetBody(dataset, {
    friendlyName: config.optionalString('friendly_name'),
    description: config.optionalString('description'),
    defaultTableExpirationMs: expiration === undefined ? undefined : String(expiration * 1000),
    location: config.optionalString('location') ?? defaults.location,
    access: config.get('access') === undefined ? undefined : config.list('access'),
    labels: labels(config),
  })
  return { dataset, body }
}

/** A table to create: its name, or an object that describes it. */
export function readTable(entry: Json, defaults: DdlDefaults): TableResource {
  if (typeof entry === 'string') {
    const table = parseTable(entry, defaults.projectId, defaults.dataset)
    return { table, body: tableBody(table, {}) }
  }
  const config = described(entry, 'table', tableKeys)
  const table = tableReference(config, defaults)
  const expiration = config.optionalString('expiration_time')
  const body = tableBody(table, {
    friendlyName: config.optionalString('friendly_name'),
    description: config.optionalString('description'),
    expirationTime: expiration === undefined ? undefined : String(instant(expiration, defaults)),
    schema: config.optionalObject('schema'),
    timePartitioning: config.optionalObject('time_partitioning'),
    rangePartitioning: config.optionalObject('range_partitioning'),
    clustering: config.optionalObject('clustering'),
    view: config.optionalObject('view'),
    labels: labels(config),
  })
  const access = config.get('access') === undefined ? undefined : config.list('access')
  return { table, body, ...(access && { policy: tablePolicy(access) }) }
}

type Fields = Readonly<Record<string, Json | undefined>>

const datasetBody = (dataset: DatasetReference, fields: Fields): JsonObject => ({
  datasetReference: { ...dataset },
  ...defined(fields),
})

const tableBody = (table: TableReference, fields: Fields): JsonObject => ({
  tableReference: { ...table },
  ...defined(fields),
})

/** A table's `access`, which BigQuery takes as an IAM policy; the roles are those of a data set. */
function tablePolicy(access: readonly Json[]): JsonObject {
  const members = new Map<string, string[]>()
  for (const item of access) {
    const config = createConfig(isObject(item) ? item : {}, new Set())
    const role = roles[config.string('role')] ?? config.string('role')
    members.set(role, [...(members.get(role) ?? []), member(config, item)])
  }
  return { policy: { bindings: [...members].map(([role, list]) => ({ role, members: list })) } }
}

const roles: Readonly<Record<string, string>> = {
  READER: 'roles/bigquery.dataViewer',
  WRITER: 'roles/bigquery.dataEditor',
  OWNER: 'roles/bigquery.dataOwner',
}

function member(config: Config, item: Json): string {
  const user = config.optionalString('userByEmail')
  if (user !== undefined) {
    return user.endsWith('.gserviceaccount.com') ? `serviceAccount:${user}` : `user:${user}`
  }
  const group = config.optionalString('groupByEmail')
  if (group !== undefined) return `group:${group}`
  const domain = config.optionalString('domain')
  if (domain !== undefined) return `domain:${domain}`
  const other = config.optionalString('iamMember')
  if (other !== undefined) return other
  throw configError(
    `An access entry of a table names userByEmail, groupByEmail, domain or iamMember: ${JSON.stringify(item)}`,
  )
}

function tableReference(config: Config, defaults: DdlDefaults): TableReference {
  const dataset = config.optionalString('dataset')
  const parsed =
    dataset === undefined ? defaults.dataset : parseDataset(dataset, defaults.projectId)
  if (parsed === undefined) {
    throw configError("Bad table reference or configuration: Missing 'dataset'")
  }
  const projectId = config.optionalString('project') ?? parsed.projectId
  return parseTable(config.string('id'), projectId, { ...parsed, projectId })
}

/** A misspelt key would otherwise be lost without a word. */
function described(entry: Json, what: string, known: readonly string[]): Config {
  if (!isObject(entry)) {
    throw configError(`Invalid ${what} reference or configuration: ${JSON.stringify(entry)}`)
  }
  const unknown = Object.keys(entry).filter((key) => !known.includes(key))
  if (unknown.length > 0) {
    throw configError(
      `Invalid ${what} reference or configuration: '${unknown.join("', '")}' is none of ${known.join(', ')}`,
    )
  }
  return createConfig(entry, new Set())
}

function labels(config: Config): JsonObject | undefined {
  const given = config.optionalObject('labels')
  if (given === undefined) return undefined
  const texts = createConfig(given, new Set())
  return Object.fromEntries(Object.keys(given).map((key) => [key, texts.string(key)]))
}

/** Milliseconds since 1970 of an instant, of a local time, or of a duration from now. */
function instant(text: string, { timezone, now }: DdlDefaults): number {
  const time = DateTime.fromISO(text.trim().replace(' ', 'T'), { zone: timezone })
  if (time.isValid) return time.toMillis()
  const seconds = readDuration(text)
  if (seconds === undefined) throw configError(`Invalid time or duration: ${text}`)
  return now.getTime() + seconds * 1000
}

const defined = (fields: Fields): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined),
  )
