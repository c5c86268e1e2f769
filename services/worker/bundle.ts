import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker'

const root = fileURLToPath(new URL('../../', import.meta.url))
const here = fileURLToPath(import.meta.url)

/** A file of `workflows/`. */
const path = (name: string): string => fileURLToPath(import.meta.resolve(`#workflows/${name}`))

/**
 * Evaluated once in a worker and shared by all workflows, instead of once in each: nothing of the engine keeps
 * anything of a workflow in a module. A team's batches are evaluated for each of their workflows, whatever they keep.
 */
const shared = ['attempt.ts', 'branch.ts', 'schedule.ts'].map(path)

/** Bundles everything deterministic for Temporal's sandbox; refuses Node modules in it. */
export const bundleWorkflows = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: path('index.ts'),
    preloadModules: shared,
    // As `dataConverter` has it (services/shared/temporal.ts), which is not there where an image is built.
    payloadConverterPath: path('temporal/payload-converter.ts'),
  })

/**
 * The bundle of this checkout's workflows as a file below `home`, made if it is not there yet. By a process of its own: a
 * bundler needs more memory than a worker, which would keep it.
 */
export async function bundleFile(home: string): Promise<string> {
  const folder = join(home, 'cache')
  const file = join(folder, `workflow-bundle-${await sourcesHash()}.js`)
  try {
    await readFile(file)
  } catch {
    const unfinished = `${file}.${process.pid}`
    await promisify(execFile)(process.execPath, [here, unfinished], { cwd: root })
    for await (const old of glob('workflow-bundle-*', { cwd: folder })) {
      if (join(folder, old) !== unfinished) await rm(join(folder, old), { force: true })
    }
    await rename(unfinished, file)
  }
  return file
}

/** Of all that a bundle is made of: our own code, how it is bundled, and the locked versions of others. */
async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256')
  const files: string[] = ['package-lock.json', relative(root, here)]
  for await (const file of glob('workflows/**/*.ts', { cwd: root })) {
    if (!/\.test\.ts$|\/testing\//.test(file)) files.push(file)
  }
  for (const file of files.toSorted()) {
    hash.update(`${file}\n`).update(await readFile(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

// `node services/worker/bundle.ts FILE` prebuilds it for the image.
if (import.meta.main) {
  const file = resolve(process.argv[2] ?? 'dist/workflow-bundle.js')
  const { code } = await bundleWorkflows()
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, code)
  console.log(`Wrote ${file} (${Math.round(code.length / 1024)} KiB)`)
}
