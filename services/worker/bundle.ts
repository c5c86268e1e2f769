import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bundleWorkflowCode,
  type Logger,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker'

/** Bundles everything deterministic for Temporal's sandbox; refuses Node modules in it. */
export const bundleWorkflows = (logger?: Logger): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: fileURLToPath(import.meta.resolve('#workflows/index.ts')),
    ...(logger === undefined ? {} : { logger }),
  })

// `node services/worker/bundle.ts FILE` prebuilds it for the image.
if (import.meta.main) {
  const file = resolve(process.argv[2] ?? 'dist/workflow-bundle.js')
  const { code } = await bundleWorkflows()
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, code)
  console.log(`Wrote ${file} (${Math.round(code.length / 1024)} KiB)`)
}
