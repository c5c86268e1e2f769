import type { WorkflowDefinition } from '../dig/definition.ts'
import type { JsonObject } from '../domain/json.ts'

/** A TypeScript batch: what is known of it before it runs. */
export interface BatchDefinition<Params extends JsonObject> {
  /** The project it is listed under. */
  readonly project: string
  readonly definition: WorkflowDefinition & { readonly defaults: Params }
  /** Name under which `workflows/index.ts` exports the function. */
  readonly workflowType: string
  /** Folder of the repository whose files (SQL, scripts) its tasks name; archived with the revision. */
  readonly files: string
}
