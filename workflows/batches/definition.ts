import type { BatchFile } from '../dig/compile-batch.ts'
import type { JsonObject } from '../domain/json.ts'

/** A TypeScript batch: what is known of it before it runs. */
export interface BatchDefinition<Params extends JsonObject> {
  /** The project it is listed under. */
  readonly project: string
  /** The workflow's name. */
  readonly name: string
  /** Time zone, schedule, sla and so on, as at the top of a `.dig` file. */
  readonly file: BatchFile
  /** Parameters weaker than all others. */
  readonly defaults: Params
  /** Name under which `workflows/index.ts` exports the function. */
  readonly workflowType: string
  /** Folder of the repository whose files (SQL, scripts) its tasks name; archived with the revision. */
  readonly files: string
}
