import type { JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../../failure.ts'
import { createConfig } from '../../task/config.ts'

/** A task's `docker` parameter, as Digdag has it. */
export interface DockerOptions {
  readonly image: string
  /** The command line program: `docker`, or one that speaks like it (`podman`). */
  readonly program: string
  /** Lines of shell that an image is built with, on top of `image`. */
  readonly build: readonly string[]
  readonly buildOptions: readonly string[]
  readonly runOptions: readonly string[]
  readonly pullAlways: boolean
}

const known = [
  'image',
  'docker',
  'build',
  'build_options',
  'run_options',
  'pull_always',
  // For hosts with SELinux: the mounted folder is relabelled.
  'selinux',
]

/** Reads the options; a misspelt one is refused. */
export function readDockerOptions(
  container: JsonObject,
): DockerOptions & { readonly selinux: boolean } {
  const config = createConfig(container, new Set())
  const unknown = Object.keys(container).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw configError(`Unknown option '${unknown}' in docker. Its options are ${known.join(', ')}`)
  }
  const image = config.optionalString('image')?.trim() ?? ''
  if (image === '' || image.startsWith('-') || /\s/.test(image)) {
    throw configError(
      `docker needs the name of an image, for example "docker: {image: 'python:3.13'}", but has image: ${JSON.stringify(container['image'] ?? null)}`,
    )
  }
  return {
    image,
    program: config.optionalString('docker') ?? 'docker',
    build: config.strings('build'),
    buildOptions: config.strings('build_options'),
    runOptions: config.strings('run_options'),
    pullAlways: config.boolean('pull_always', false),
    selinux: config.boolean('selinux', false),
  }
}
