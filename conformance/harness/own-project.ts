import { randomBytes } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { archiveFolder } from '#examples/archive.ts'
import type { Client } from '#client/client.ts'
import { compare } from './compare.ts'
import type { Observation } from './observation.ts'
import { answered, result } from './observe.ts'
import type { Finding } from './run-cases.ts'

/** A team's project, of which nobody wrote down what to expect: two servers are compared. */
export interface OwnProject {
  readonly folder: string
  /** All workflows without it. */
  readonly workflow?: string
  readonly sessionTime: string
  readonly params: Readonly<Record<string, string>>
}

/** Runs the project's workflows on both servers; what differs, by workflow. */
export async function compareProject(
  servers: { readonly suiro: Client; readonly digdag: Client },
  project: OwnProject,
): Promise<readonly (Finding & { readonly name: string })[]> {
  const [ours, theirs] = await Promise.all([
    observeProject(servers.suiro, project),
    observeProject(servers.digdag, project),
  ])
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((name) => {
    const nothing: Observation = { push: {}, attempts: [] }
    const differences = compare(theirs.get(name) ?? nothing, ours.get(name) ?? nothing)
    const what = 'Suiro (but got) differs from Digdag (expected)'
    return differences.length === 0 ? [] : [{ name, what, differences }]
  })
}

async function observeProject(
  api: Client,
  { folder, workflow, sessionTime, params }: OwnProject,
): Promise<ReadonlyMap<string, Observation>> {
  const path = resolve(folder)
  const { content, revision } = await archiveFolder(path)
  const name = `conf-${basename(path)}-${randomBytes(4).toString('hex')}`
  const pushed = await api.request(
    'PUT',
    `/api/projects?project=${name}&revision=${revision}`,
    content,
  )
  const push = answered(pushed, name)
  if (pushed.status !== 200) return new Map([[basename(path), { push, attempts: [] }]])
  const projectId = pushed.body['id'] as string
  try {
    const { body } = await api.request('GET', `/api/projects/${projectId}/workflows`)
    const workflows = (body['workflows'] as { readonly name: string }[]).map(({ name }) => name)
    const observed = new Map<string, Observation>()
    for (const one of workflows.filter((each) => workflow === undefined || each === workflow)) {
      const begun = await api.start(name, one, sessionTime, { params })
      const start = answered(begun, name)
      const ended = begun.status === 200 ? await result(api, begun.body['id'] as string) : {}
      observed.set(one, { push, attempts: [{ start, ...ended }] })
    }
    return observed
  } finally {
    await api.request('DELETE', `/api/projects/${projectId}`)
  }
}
