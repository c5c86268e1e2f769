import path from 'node:path'
import { isTimezone } from '#workflows/calendar/index.ts'
import { formatProblem, readCalledFile, type ProjectTexts } from '#workflows/dig/index.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import { isObject, type JsonObject } from '#workflows/domain/json.ts'
import { configError, OperatorError } from '../failure.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { ProjectFiles } from '../project/project-files.ts'
import { perform } from './perform.ts'
import { readRequest } from './request.ts'
import type { HttpSettings } from './settings.ts'
import { workflowText } from './workflow-text.ts'

/** As Digdag names the file that an answer becomes. */
const file = 'http_call.dig'

/** `http_call>: URI` runs the workflow that a server answers, as subtasks. */
export const createHttpCall = (settings: HttpSettings): BuiltIn<'http_call'> =>
  builtIn('http_call', async (context) => {
    const config = context.config.withDefaults('http')
    const request = await readRequest(config, context.secrets, {
      settings,
      methodWithContent: 'POST',
    })
    const override = config.optionalString('content_type_override')
    const performed = await perform(context, request, settings.mostContent)
    if ('again' in performed) return performed
    const { text, type } = performed.answer
    const { source, shown } = workflowOf(text, override ?? type)
    // Also of one that is refused next.
    await context.print(`${shown}\n`)
    return { subtasks: await readWorkflow(source, config, context.project) }
  })

interface Answered {
  /** The text of a `.dig` file. */
  readonly source: string
  /** For the log. */
  readonly shown: string
}

function workflowOf(text: string, type: string | undefined): Answered {
  const mediaType = type?.split(';')[0]?.trim().toLowerCase() ?? ''
  switch (mediaType) {
    case 'application/x-yaml':
    case 'application/yaml':
      return { source: text, shown: text }
    case 'application/json':
      return ofJson(text)
    case '':
      throw new OperatorError(
        'Content-Type must be set in the HTTP response but not set. "content_type_override: application/x-yaml" reads it as YAML all the same',
        { kind: 'plain' },
      )
    default:
      throw new OperatorError(
        `Unsupported Content-Type (expected application/json or application/x-yaml): ${type}`,
        { kind: 'plain' },
      )
  }
}

/** JSON in lines, as a problem in it is pointed at by its line. */
function ofJson(text: string): Answered {
  try {
    const value = parseJson(text)
    if (isObject(value))
      return { source: JSON.stringify(value, null, 2), shown: workflowText(value) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new OperatorError(`Failed to parse response as JSON: ${why}`, { cause: error })
  }
  throw new OperatorError('Failed to parse response as JSON: it is no object, as a workflow is')
}

/** Checked like a file of the project that is called; it may include files of the project. */
async function readWorkflow(
  source: string,
  config: Config<'_workdir'>,
  project: ProjectFiles,
): Promise<JsonObject> {
  const place = path.posix.join(config.optionalString('_workdir') ?? '', file)
  const files = await project.texts()
  const texts: ProjectTexts = {
    has: (path) => path === place || files.has(path),
    keys: () => files.keys(),
    get: (path) => (path === place ? source : files.get(path)),
  }
  const { mapping, problems } = readCalledFile(texts, place, { isTimezone })
  if (mapping === undefined) throw configError(problems.map(formatProblem).join('\n'))
  return mapping
}
