import type { Json, JsonObject } from '#workflows/domain/json.ts'
import type { OptionName } from '#workflows/dig/operators/table.ts'
import { configError } from '../failure.ts'
import type { KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { Call } from './api.ts'
import {
  readDataset,
  readTable,
  type DatasetResource,
  type DdlDefaults,
  type TableResource,
} from './ddl-resources.ts'
import {
  parseDataset,
  parseTable,
  type DatasetReference,
  type TableReference,
} from './table-reference.ts'

/** One call of `bq_ddl>`. */
export interface DdlStep {
  /** For the log. */
  readonly what: string
  readonly call: Call
  /** The refusal that means there is nothing to do. */
  readonly doneBefore?: 404 | 409
}

/** All calls, in Digdag's order: deletions before creations, data sets before tables. */
export function planDdl(
  config: Config<KeyOf<'bq_ddl'>>,
  defaults: DdlDefaults,
): readonly DdlStep[] {
  const { projectId } = defaults
  const each = (
    key: OptionName<'bq_ddl'>,
    steps: (entry: Json) => readonly DdlStep[],
  ): readonly DdlStep[] => config.list(key).flatMap(steps)
  return [
    ...each('delete_datasets', (entry) => [
      deleteDataset(parseDataset(nameIn(entry, 'dataset'), projectId)),
    ]),
    ...each('empty_datasets', (entry) => {
      const resource = readDataset(entry, defaults)
      return [deleteDataset(resource.dataset), createDataset(resource)]
    }),
    ...each('create_datasets', (entry) => [createDataset(readDataset(entry, defaults))]),
    ...each('delete_tables', (entry) => [
      deleteTable(parseTable(nameIn(entry, 'table'), projectId, defaults.dataset)),
    ]),
    ...each('empty_tables', (entry) => {
      const resource = readTable(entry, defaults)
      return [deleteTable(resource.table), ...createTable(resource)]
    }),
    ...each('create_tables', (entry) => createTable(readTable(entry, defaults))),
  ]
}

const createDataset = ({ dataset, body }: DatasetResource): DdlStep => ({
  what: `Create dataset ${dataset.datasetId}`,
  call: post(dataset, '/datasets', body),
  doneBefore: 409,
})

const deleteDataset = (dataset: DatasetReference): DdlStep => ({
  what: `Delete dataset ${dataset.datasetId}`,
  call: {
    method: 'DELETE',
    path: datasetPath(dataset),
    projectId: dataset.projectId,
    query: { deleteContents: 'true' },
  },
  doneBefore: 404,
})

function createTable({ table, body, policy }: TableResource): readonly DdlStep[] {
  const tables = `${datasetPath(table)}/tables`
  const name = `${table.datasetId}.${table.tableId}`
  const creation: DdlStep = {
    what: `Create table ${name}`,
    call: post(table, tables, body),
    doneBefore: 409,
  }
  if (!policy) return [creation]
  const path = `${tablePath(table)}:setIamPolicy`
  return [creation, { what: `Set access of table ${name}`, call: post(table, path, policy) }]
}

const deleteTable = (table: TableReference): DdlStep => ({
  what: `Delete table ${table.datasetId}.${table.tableId}`,
  call: { method: 'DELETE', path: tablePath(table), projectId: table.projectId },
  doneBefore: 404,
})

const datasetPath = ({ datasetId }: DatasetReference): string =>
  `/datasets/${encodeURIComponent(datasetId)}`

/** A table's name may hold blanks, and letters of any script. */
const tablePath = (table: TableReference): string =>
  `${datasetPath(table)}/tables/${encodeURIComponent(table.tableId)}`

const post = ({ projectId }: DatasetReference, path: string, body: JsonObject): Call => ({
  method: 'POST',
  path,
  projectId,
  body,
})

function nameIn(entry: Json, what: 'dataset' | 'table'): string {
  if (typeof entry === 'string') return entry
  throw configError(`Bad ${what} reference: ${JSON.stringify(entry)}`)
}
