import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'

/** Fills a folder unless its stamp says that it holds just this; what is half done is done again. */
export async function once(
  folder: string,
  contents: string,
  fill: (draft: string) => Promise<void>,
): Promise<string> {
  const stamp = `${folder}.complete`
  const before = await readFile(stamp, 'utf8').catch(() => undefined)
  if (before === contents && existsSync(folder)) return folder
  const draft = `${folder}.partial-${process.pid}`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  try {
    await fill(draft)
    if (!existsSync(folder)) await rename(draft, folder)
    await writeFile(stamp, contents)
    return folder
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
