import { posix } from 'node:path'
import { OperatorError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'

/** A project's file with its `${…}` evaluated; the path is relative to the workflow's folder. */
export async function renderedFile(
  context: OperatorContext<'_workdir'>,
  path: string,
): Promise<string> {
  const text = await context.project.text(pathInProject(context, path))
  try {
    return await context.render(text)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    throw new OperatorError(`${error.message} in ${path}`, { kind: error.kind, cause: error })
  }
}

/** Where a file is in the project that a task names from its workflow's folder. */
export const pathInProject = (
  { config }: Pick<OperatorContext<'_workdir'>, 'config'>,
  path: string,
): string => posix.join(config.optionalString('_workdir') ?? '', path)
