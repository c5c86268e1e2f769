import { markOutage } from './outage.ts'

/**
 * Format of the definitions that are stored (workflows/dig/definition.ts). Raise it with a change that older code would
 * read wrongly, and go on reading what was written before for as long as its attempts may run
 * (docs/decisions/versions.md).
 */
export const definitionFormat = 1

/** A workflow was stored by a newer version than this one, in a format that it does not know. */
export class NewerFormatError extends Error {
  constructor(name: string, format: number) {
    super(
      `Workflow '${name}' was stored in format ${format} by a newer version of Suiro; this one reads up to ${definitionFormat}. Run it on the newer version, or push the project again with this one`,
    )
    this.name = 'NewerFormatError'
  }
}

/** The row, if this version can read it. A newer process may, so that the same call will do there. */
export function readable<Row extends { readonly name: string; readonly format: number }>(
  row: Row | undefined,
): Row | undefined {
  if (row === undefined || row.format <= definitionFormat) return row
  throw markOutage(new NewerFormatError(row.name, row.format))
}
