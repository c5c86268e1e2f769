import { Type, type Static } from 'typebox'
import type { Workflow as WorkflowRow } from '#store/types.ts'
import type { WorkflowId } from '#workflows/domain/ids.ts'
import { IdAndName, IdOf, IdText, idText, Json, ZonedTime } from './common.ts'

export const WorkflowParams = Type.Object({ id: IdOf<WorkflowId>('workflow') })

export const Workflow = Type.Object(
  {
    id: IdText,
    name: Type.String(),
    project: IdAndName,
    revision: Type.String(),
    timezone: Type.String({ examples: ['Asia/Tokyo'] }),
    config: Json,
  },
  { title: 'Workflow' },
)

export const TruncatedSessionTime = Type.Object(
  {
    project: IdAndName,
    revision: Type.String(),
    sessionTime: ZonedTime,
    timezone: Type.String(),
  },
  { title: 'SessionTime' },
)

export const presentWorkflow = (workflow: WorkflowRow): Static<typeof Workflow> => ({
  id: idText(workflow.id),
  name: workflow.name,
  project: { id: idText(workflow.projectId), name: workflow.projectName },
  revision: workflow.revision,
  timezone: workflow.timezone,
  config: workflow.config,
})
