import { readFile } from 'node:fs/promises'
import { archiveOf, type Answer, type TestApi } from '../testing/api.ts'
import type { Ids } from './ids.ts'

/** What was asked and answered; a line for each exchange. */
export interface Exchange {
  readonly n: number
  readonly step: string
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly url: string
  readonly contentType?: string
  readonly body?: string
  /** Names of the files that were pushed. */
  readonly archive?: readonly string[]
  readonly status: number
  readonly answerType?: string
  readonly allow?: string
  readonly answer?: unknown
  /** Names of the files that were downloaded. */
  readonly answerFiles?: readonly string[]
}

export type Body = Readonly<Record<string, unknown>>

export async function readExchanges(name: string): Promise<readonly Exchange[]> {
  const lines = await readFile(new URL(name, import.meta.url), 'utf8')
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange)
}

/** Asks it of ours, about what ours calls by another id. `files`: what is pushed. */
export async function replay(
  api: TestApi,
  ids: Ids,
  { method, url, contentType, body }: Exchange,
  files?: Readonly<Record<string, string>>,
): Promise<Answer<Body>> {
  const payload = files === undefined ? body : await archiveOf(files)
  return api.ask<Body>(method, ids.inText(url), {
    ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
    ...(payload === undefined
      ? {}
      : { payload: typeof payload === 'string' ? ids.inText(payload) : payload }),
  })
}
