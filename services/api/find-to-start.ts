import type { Store } from '#store/index.ts'
import type { Workflow } from '#store/types.ts'
import { nearest } from '#workflows/dig/did-you-mean.ts'
import type { WorkflowId } from '#workflows/domain/ids.ts'
import { NotFound, RequestInvalid } from './errors.ts'
import { checkRevision, findProject } from './routes/lookup.ts'

/** What is to be started: by the id of a workflow, or by names. */
export interface ToStart {
  readonly workflowId?: WorkflowId
  readonly project?: string
  readonly workflow?: string
  /** Name of the revision; the newest if absent. */
  readonly revision?: string
}

/** The workflow that is asked for; names that are nearly right are answered with the right ones. */
export async function findToStart(store: Store, wanted: ToStart): Promise<Workflow> {
  const { workflowId, project, workflow, revision } = wanted
  if (workflowId !== undefined) {
    if (project !== undefined || workflow !== undefined || revision !== undefined) {
      throw new RequestInvalid(
        'workflowId says which workflow of which revision: leave out project, workflow and revision, or leave out workflowId',
      )
    }
    const found = await store.workflows.find(workflowId)
    if (found === undefined) throw new NotFound(`workflow id=${workflowId}`)
    await findProject(store, found.projectId)
    return found
  }
  if (project === undefined || workflow === undefined) {
    throw new RequestInvalid(
      'Say what to start: "project" and "workflow" with their names, or "workflowId" (Id of the workflow)',
    )
  }
  return byName(store, project, workflow, revision)
}

async function byName(
  store: Store,
  projectName: string,
  name: string,
  revision: string | undefined,
): Promise<Workflow> {
  const project = await store.projects.findByName(projectName)
  if (project === undefined) {
    const projects = await store.projects.list({ count: 1000 })
    throw notThere('project', projectName, '', projects)
  }
  if (revision !== undefined) await checkRevision(store, project.id, revision)
  const found = await store.workflows.findByName(project.id, name, revision)
  if (found !== undefined) return found
  const where = ` in project ${projectName}, revision ${revision ?? project.revision}`
  throw notThere('workflow', name, where, await store.workflows.ofProject(project.id, revision))
}

const mostNamed = 20

function notThere(
  noun: string,
  name: string,
  where: string,
  others: readonly { readonly name: string }[],
): Error {
  const known = others.map((one) => one.name)
  const near = nearest(name, known)
  const advice = near === undefined ? '' : `. Did you mean "${near}"?`
  const list =
    known.length > mostNamed || known.length === 0 ? '' : ` (there are: ${known.join(', ')})`
  return new NotFound(`${noun} name=${name}${where}${list}${advice}`)
}
