import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** A block of code of a page, as it is written there. */
export interface Block {
  readonly language: string
  readonly text: string
}

/** The text of a page such as `docs/analyst.md`. */
export const readPage = (path: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))

/** A block of commands. */
export interface Step {
  readonly command: string
  /** What the page says that it answers, shortened: as JSON, and lines of text. */
  readonly shown: readonly unknown[]
  readonly lines: readonly string[]
}

/** A page's commands, each with the answers that stand behind it. */
export function stepsOf(page: string): readonly Step[] {
  const found: { command: string; shown: unknown[]; lines: string[] }[] = []
  for (const { language, text } of blocksOf(page)) {
    if (language === 'sh') found.push({ command: text, shown: [], lines: [] })
    if (language === 'json') found.at(-1)?.shown.push(JSON.parse(text))
    if (language === 'text') found.at(-1)?.lines.push(...text.trimEnd().split('\n'))
  }
  return found
}
