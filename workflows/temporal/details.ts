import { plainMarkdown } from '../domain/markdown.ts'
import type { Progress } from '../engine/runtime.ts'

const mostNames = 5

/**
 * What Temporal's UI shows as an attempt's details, in Markdown: what failed comes first, with the way to its log.
 * `page`: the attempt's address in the API.
 */
export function progressDetails({ running, finished, failed }: Progress, page?: string): string {
  const names: string[] = []
  for (const name of running) {
    if (names.length === mostNames) break
    names.push(plainMarkdown(name))
  }
  const more = running.size - names.length
  const now = names.length === 0 ? 'nothing' : names.join(', ')
  const tasks = `${finished} operator task${finished === 1 ? '' : 's'}`
  return [
    ...(failed === undefined ? [] : [failure(failed, page)]),
    `Running: ${now}${more > 0 ? ` and ${more} more` : ''}`,
    `Finished: ${tasks}`,
  ].join('\n\n')
}

function failure({ task, message }: NonNullable<Progress['failed']>, page?: string): string {
  const log = page === undefined ? '' : ` · [its log](${page}/log?task=${encodeURIComponent(task)})`
  return `**Failed: ${plainMarkdown(task)}**${log}\n\n${plainMarkdown(message)}`
}
