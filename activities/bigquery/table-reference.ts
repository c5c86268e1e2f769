import { configError } from '../failure.ts'

export interface DatasetReference {
  readonly projectId: string
  readonly datasetId: string
}

export interface TableReference extends DatasetReference {
  /** May end in a partition: `events$20240131`. */
  readonly tableId: string
}

// A project may itself hold a colon: `example.com:project`.
const datasetText = /^(?:(?<project>.+):)?(?<dataset>[^.:]+)$/
const tableText =
  /^(?:(?<project>.+):)?(?:(?<dataset>[^.:]+)\.)?(?<table>[a-zA-Z0-9_]{1,1024}(?:\$[0-9]{4,10})?)$/

/** Reads `[project:]dataset`. */
export function parseDataset(text: string, projectId: string): DatasetReference {
  const groups = datasetText.exec(text)?.groups
  if (groups?.['dataset'] === undefined) {
    throw configError(`Bad dataset reference: ${text}`)
  }
  return { projectId: groups['project'] ?? projectId, datasetId: groups['dataset'] }
}

/** Reads `[project:][dataset.]table`; what is left out comes from the default dataset. */
export function parseTable(
  text: string,
  projectId: string,
  defaultDataset?: DatasetReference,
): TableReference {
  const groups = tableText.exec(text)?.groups
  if (groups?.['table'] === undefined) throw configError(`Bad table reference: ${text}`)
  const datasetId = groups['dataset'] ?? defaultDataset?.datasetId
  if (datasetId === undefined) {
    throw configError(
      `Bad table reference. Either configure 'dataset' or include dataset name in table reference: ${text}`,
    )
  }
  return {
    projectId: groups['project'] ?? defaultDataset?.projectId ?? projectId,
    datasetId,
    tableId: groups['table'],
  }
}
