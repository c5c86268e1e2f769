import { configError } from '../failure.ts'

export interface DatasetReference {
  readonly projectId: string
  readonly datasetId: string
}

export interface TableReference extends DatasetReference {
  /** May end in a partition: `events$20240131`. */
  readonly tableId: string
}

// A project may itself hold dots and a colon: `example.com:project`. It ends at the last colon or dot
// before the data set, since neither can be in the name of a data set or a table.
const datasetText = /^(?:(?<project>.+)[.:])?(?<dataset>[^.:$@`]+)$/
const tableText =
  /^(?:(?:(?<project>.+)[.:])?(?<dataset>[^.:$@`]+)\.|(?<projectOnly>.+):)?(?<table>[^.:]+)$/

/** Letters, marks, numbers, connectors, dashes and blanks, as BigQuery names tables. */
const tableName = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+$/u
const mostTableBytes = 1024

/**
 * Which part of a table: of a time (`$2024` to `$2024013109`), of a range of whole numbers by its start (`$10`), of
 * rows without a value or not yet sorted in; or, of a table as it was, its milliseconds (`@-3600000`, `@1-2`).
 */
const decorator =
  /^(?<name>[^$@]+)(?:\$(?:-?\d{1,19}|__NULL__|__UNPARTITIONED__)|@-?\d+(?:--?\d*)?)?$/

/** Reads `[project:]dataset` and `[project.]dataset`. */
export function parseDataset(text: string, projectId: string): DatasetReference {
  const groups = datasetText.exec(withoutBackticks(text))?.groups
  if (groups?.['dataset'] === undefined) {
    throw configError(`Bad dataset reference: ${text}`)
  }
  return { projectId: groups['project'] ?? projectId, datasetId: groups['dataset'] }
}

/**
 * Reads `[project:][dataset.]table` and `project.dataset.table`; what is left out comes from the default data set.
 */
export function parseTable(
  text: string,
  projectId: string,
  defaultDataset?: DatasetReference,
): TableReference {
  const groups = tableText.exec(withoutBackticks(text))?.groups
  const tableId = groups?.['table']
  if (groups === undefined || tableId === undefined || !isTableId(tableId)) {
    throw configError(`Bad table reference: ${text}`)
  }
  const datasetId = groups['dataset'] ?? defaultDataset?.datasetId
  if (datasetId === undefined) {
    throw configError(
      `Bad table reference. Either configure 'dataset' or include dataset name in table reference: ${text}`,
    )
  }
  return {
    projectId: groups['project'] ?? groups['projectOnly'] ?? defaultDataset?.projectId ?? projectId,
    datasetId,
    tableId,
  }
}

function isTableId(text: string): boolean {
  const name = decorator.exec(text)?.groups?.['name']
  return (
    name !== undefined &&
    tableName.test(name) &&
    new TextEncoder().encode(name).length <= mostTableBytes
  )
}

/** A name as SQL quotes it, whole. */
const withoutBackticks = (text: string): string => /^`([^`]+)`$/.exec(text)?.[1] ?? text
