import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../../failure.ts'
import type { Print } from '../../log/task-log.ts'
import { temporaryFolder } from '../folder/project-folder.ts'
import { ask, docker } from './cli.ts'
import type { DockerOptions } from './options.ts'

/** Makes the image ready that a command runs in; answers its name. */
export async function provideImage(
  options: DockerOptions,
  {
    root,
    onOutput,
    signal,
  }: { readonly root: string; readonly onOutput: Print; readonly signal: AbortSignal },
): Promise<string> {
  const { image, program, build, buildOptions, pullAlways } = options
  const step = async (what: string, args: readonly string[]): Promise<void> => {
    const code = await docker({ program, args, cwd: root, onOutput, signal })
    if (code !== 0)
      throw new OperatorError(`Docker ${what} failed with code ${code}`, { code: 'COMMAND' })
  }
  if (build.length === 0) {
    if (pullAlways) await step('pull', ['pull', image])
    return image
  }
  const built = builtImage(options)
  const present = await ask({ program, args: ['image', 'inspect', built], cwd: root })
  if (present.code === 0) return built
  const folder = join(await temporaryFolder(root), 'docker')
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'Dockerfile')
  await writeFile(file, dockerfile(options))
  await step('build', [
    ...['build', ...buildOptions, '--file', file, '--force-rm', '--tag', built],
    folder,
  ])
  return built
}

/** Nothing of the project goes in, so the same lines on the same image are the same image for all. */
const builtImage = ({ image, build }: DockerOptions): string => {
  const digest = createHash('sha256')
    .update(JSON.stringify([image, build]))
    .digest('hex')
  return `suiro-build:${digest.slice(0, 40)}`
}

const dockerfile = ({ image, build }: DockerOptions): string => {
  const lines = build.flatMap((command) => command.split('\n')).filter((line) => line.trim() !== '')
  return [`FROM ${image}`, ...lines.map((line) => `RUN ${line}`), ''].join('\n')
}
