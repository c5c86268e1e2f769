import type { Attempt, Project, Workflow } from '#store/types.ts'
import type { Store } from '#store/index.ts'
import type { AttemptId, ProjectId } from '#workflows/domain/ids.ts'
import { NotFound, ProjectDeleted } from '../errors.ts'

/** What several routes look up first, with the errors Digdag answers when it is not there. */

export async function findProject(store: Store, id: ProjectId): Promise<Project> {
  const project = await store.projects.find(id)
  if (project === undefined) throw new NotFound(`project id=${id}`)
  if (project.deletedAt !== null) throw new ProjectDeleted(id, project.deletedAt.toISOString())
  return project
}

export async function findProjectByName(store: Store, name: string): Promise<Project> {
  const project = await store.projects.findByName(name)
  if (project === undefined) throw new NotFound(`project name=${name}`)
  return project
}

export async function findAttempt(store: Store, id: AttemptId): Promise<Attempt> {
  const attempt = await store.attempts.find(id)
  if (attempt === undefined) throw new NotFound(`session attempt id=${id}`)
  return attempt
}

export async function checkRevision(store: Store, id: ProjectId, name: string): Promise<void> {
  const found = await store.projects.revisions(id, { name })
  if (found.length === 0) throw new NotFound(`revision name=${name} in project id=${id}`)
}

export async function findWorkflow(
  store: Store,
  id: ProjectId,
  name: string,
  revision: string | undefined,
): Promise<Workflow> {
  if (revision !== undefined) await checkRevision(store, id, revision)
  const workflow = await store.workflows.findByName(id, name, revision)
  if (workflow !== undefined) return workflow
  const filter = revision === undefined ? {} : { name: revision }
  const [latest] = await store.projects.revisions(id, filter)
  throw new NotFound(`workflow name=${name} in revision id=${latest?.id ?? '?'}`)
}
