import type { JsonObject } from '../domain/json.ts'
import { compileWorkflow } from './compile/compile-workflow.ts'
import type { CompileOptions } from './compile-project.ts'
import type { WorkflowDefinition } from './definition.ts'
import type { Problem } from './problem.ts'
import { createPlaces } from './read/places.ts'
import { createReport } from './report.ts'

/** What may be written of a TypeScript batch beside its code: the top of a `.dig` file. */
export interface BatchFile {
  /** `UTC` unless given. */
  readonly timezone?: string
  readonly schedule?: JsonObject
  readonly sla?: JsonObject
  readonly _export?: JsonObject
  /** Tasks that run when the batch has failed. */
  readonly _error?: JsonObject
}

/** Compiles the top of a TypeScript batch by the same code as a `.dig` file, with the same mistakes. */
export function compileBatch(
  name: string,
  file: BatchFile,
  { isTimezone }: Pick<CompileOptions, 'isTimezone'>,
): { readonly workflow: WorkflowDefinition; readonly problems: readonly Problem[] } {
  const report = createReport(createPlaces())
  const workflow = compileWorkflow(name, { ...file }, report, isTimezone)
  return { workflow, problems: report.problems }
}
