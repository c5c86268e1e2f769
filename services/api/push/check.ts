import { textOf } from '#archive/text.ts'
import { createHash } from 'node:crypto'
import { ArchiveError } from '#archive/errors.ts'
import { readArchive, type ProjectContents } from '#archive/read.ts'
import { newWorkflow, type NewWorkflow } from '#store/new-workflow.ts'
import { isTimezone, ScheduleNotPossibleError, temporalSpec } from '#workflows/calendar/index.ts'
import { digWorkflowType } from '#workflows/contract.ts'
import {
  compileProject,
  type OperatorSyntax,
  type ProjectTexts,
  type UnsupportedOperators,
} from '#workflows/dig/index.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import type { Problem } from '#workflows/dig/problem.ts'

/** What a pushed archive turned out to be; made in a thread, so it is data only. */
export type Checked =
  | {
      readonly kind: 'good'
      readonly archiveMd5: string
      readonly workflows: readonly NewWorkflow[]
      readonly warnings: readonly Problem[]
    }
  | { readonly kind: 'rejected'; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'unreadable'
      readonly reason: ArchiveError['reason']
      readonly message: string
    }

export interface CheckRequest {
  /** tar.gz */
  readonly archive: Uint8Array
  readonly maxBytes: number
  readonly ownOperators: readonly OperatorSyntax[]
  readonly unsupportedOperators: UnsupportedOperators
}

/** Reads and compiles a project: every mistake of its archive and of its files at once. */
export async function check(request: CheckRequest): Promise<Checked> {
  const { archive, maxBytes, ownOperators, unsupportedOperators } = request
  let contents: ProjectContents
  try {
    contents = await readArchive(archive, maxBytes)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    return { kind: 'unreadable', reason: error.reason, message: error.message }
  }
  const texts = textsOf(contents)
  const { workflows, problems, warnings } = compileProject(texts, {
    isTimezone,
    ownOperators,
    unsupportedOperators,
  })
  const all = [
    ...entryProblems(contents),
    ...problems,
    ...workflows.flatMap((workflow) => impossibleSchedule(workflow, texts)),
  ]
  if (all.length > 0) return { kind: 'rejected', problems: all }
  return {
    kind: 'good',
    archiveMd5: createHash('md5').update(archive).digest('base64'),
    workflows: workflows.map((definition) => newWorkflow(definition, digWorkflowType)),
    warnings,
  }
}

const mostReported = 200

function entryProblems({ mistakes }: ProjectContents): readonly Problem[] {
  const unique = new Map(mistakes.map(({ message, advice }) => [message, advice]))
  const reported = [...unique]
    .slice(0, mostReported)
    .map(([message, advice]): Problem => ({ code: 'ARCHIVE_ENTRY', message, advice }))
  if (unique.size <= mostReported) return reported
  const message = `and ${unique.size - mostReported} more entries of the archive`
  return [...reported, { code: 'TOO_MANY', message, advice: 'Fix those above and push again.' }]
}

/** Files as texts, each when it is asked for: most of a project is no workflow. */
function textsOf(files: ProjectContents): ProjectTexts {
  const read = new Map<string, string>()
  return {
    has: (path) => files.has(path),
    keys: () => files.keys()[Symbol.iterator]() as MapIterator<string>,
    get(path) {
      const bytes = read.has(path) ? undefined : files.get(path)
      if (bytes !== undefined) read.set(path, textOf(bytes))
      return read.get(path)
    },
  }
}

/** A schedule that is right in itself, but that Temporal cannot keep: the zone of its workflow. */
function impossibleSchedule(
  { name, schedule }: WorkflowDefinition,
  texts: ProjectTexts,
): readonly Problem[] {
  try {
    if (schedule !== undefined) temporalSpec(schedule)
    return []
  } catch (error) {
    if (!(error instanceof ScheduleNotPossibleError)) throw error
    const file = `${name}.dig`
    const lines = texts.get(file)?.split(/\r?\n/) ?? []
    const line = Math.max(
      0,
      lines.findIndex((text) => text.startsWith('timezone')),
    )
    const place = { file, line: line + 1, column: 1, text: lines[line] ?? '' }
    const advice = 'Take the name of a zone that has this offset all year.'
    return [{ code: 'SCHEDULE', message: error.message, place, advice }]
  }
}
