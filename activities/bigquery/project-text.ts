import { posix } from 'node:path'
import { OperatorError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'

/** A project's file with its `${…}` evaluated; the path is relative to the workflow's folder. */
export async function renderedFile(
  context: OperatorContext<'_workdir'>,
  path: string,
): Promise<string> {
  const folder = context.config.optionalString('_workdir') ?? ''
  const text = await context.project.text(posix.join(folder, path))
  try {
    return await context.render(text)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    throw new OperatorError(`${error.message} in ${path}`, { kind: error.kind, cause: error })
  }
}
