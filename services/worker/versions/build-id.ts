import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { WorkflowBundleOption } from '@temporalio/worker'

/**
 * Names the workflow code by its content: the same code is the same version, wherever and however often it was built.
 * `sdk` is the version of Temporal's SDK, which replays it.
 */
export async function buildIdOf(bundle: WorkflowBundleOption, sdk: string): Promise<string> {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8')
  // The source map holds the paths of the place where it was built.
  const text = code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '')
  return createHash('sha256').update(sdk).update('\n').update(text).digest('hex').slice(0, 16)
}
