import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { isObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import type { KeyOf } from '../task/built-in.ts'
import { createConfig, type Config } from '../task/config.ts'
import type { ProjectFiles } from '../project/project-files.ts'

export interface Attachment {
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
}

/** `attach_files`: files of the project, and no others of the worker. */
export async function readAttachments(
  config: Config<KeyOf<'mail'>>,
  project: ProjectFiles,
): Promise<readonly Attachment[]> {
  const attachments: Attachment[] = []
  for (const entry of config.list('attach_files')) {
    if (!isObject(entry)) {
      throw configError(
        `Invalid entry of attach_files: ${JSON.stringify(entry)}. Each is a mapping, for example "- path: report.csv"`,
      )
    }
    const file = createConfig(entry, new Set())
    const name = file.string('path')
    attachments.push({
      filename: file.optionalString('filename') ?? path.posix.basename(name),
      contentType: file.optionalString('content_type') ?? 'application/octet-stream',
      content: await readProjectFile(project, config.optionalString('_workdir') ?? '', name),
    })
  }
  return attachments
}

async function readProjectFile(
  project: ProjectFiles,
  folder: string,
  name: string,
): Promise<Buffer> {
  const root = await project.directory()
  const missing = configError(`File not found: ${name}`)
  const place = path.resolve(root, folder, name)
  const real = await realpath(place).catch(() => undefined)
  // Also not by a link: a file of the worker could hold its keys.
  if (![place, real].every((file) => file?.startsWith(root + path.sep))) throw missing
  try {
    return await readFile(place)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EISDIR' || code === 'ENOENT') throw missing
    throw error
  }
}
