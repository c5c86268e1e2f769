import { lstat, realpath } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { PlaceRequest } from '../place.ts'
import type { ProjectFolder } from '../folder/project-folder.ts'
import { requireEngine } from './cli.ts'
import type { Container } from './container.ts'

/** What a container says of itself, so that another worker can find it and its files. */
const labels = { try: 'suiro.try', root: 'suiro.root', scratch: 'suiro.scratch' } as const

/** A container that is left of this task, running or not. */
export interface Left {
  /** In the engine's words: `running`, `exited`, … */
  readonly state: string
  /** Of the task, as it was begun for. */
  readonly try: string
  /** The folders on the machine that began it. */
  readonly root: string
  readonly scratch: string
}

/** The options of `docker run` that say what the container is for. */
export const labelsOf = (
  { root, scratch }: Pick<ProjectFolder, 'root' | 'scratch'>,
  { task }: Pick<PlaceRequest, 'task'>,
): readonly string[] => [
  ...['--label', `${labels.try}=${task.retries}`],
  ...['--label', `${labels.root}=${root}`],
  ...['--label', `${labels.scratch}=${scratch}`],
]

const format = ['{{.State}}', ...Object.values(labels).map((label) => `{{.Label "${label}"}}`)]

/** Looks for a container of that name; throws where no engine answers. */
export async function findLeft(container: Container): Promise<Left | undefined> {
  const answer = await container.ask(
    ...['ps', '--all', '--no-trunc', '--filter', `name=^/?${container.name}$`],
    ...['--format', format.join('|')],
  )
  requireEngine(answer)
  if (answer.output === '') return undefined
  const [state = '', ofTry = '', root = '', scratch = ''] = answer.output.split('|')
  return { state, try: ofTry, root, scratch }
}

/**
 * Whether it is this very try, goes on, and has its files where this worker sees them: on the same machine,
 * or the same disk at the same path.
 */
export async function isJoinable(left: Left, { task }: PlaceRequest): Promise<boolean> {
  return (
    left.state === 'running' &&
    left.try === String(task.retries) &&
    // Labels may be anybody's: the folder of a run is one that we can have made.
    basename(left.root).startsWith('suiro-') &&
    left.scratch.startsWith(left.root + sep) &&
    !(await wasStopped(left.scratch))
  )
}

/**
 * The folder that marks a container's files before it is stopped. A folder, because what is made by `mkdir` never
 * follows a link that the command has put there.
 */
export const stopMark = (scratch: string): string => join(scratch, 'stopped')

/** Whether somebody stopped it, or has taken its folder away already. */
export async function wasStopped(scratch: string): Promise<boolean> {
  if ((await realpath(scratch).catch(() => undefined)) !== scratch) return true
  return lstat(stopMark(scratch)).then(
    () => true,
    () => false,
  )
}
