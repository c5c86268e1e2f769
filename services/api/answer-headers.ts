import type { EnvReader } from '#services/shared/settings/env.ts'
import { isObject } from '#workflows/domain/json.ts'

/** Headers that a team adds to every answer, by their names in small letters. */
export type AnswerHeaders = Readonly<Record<string, string>>

const example = '{"access-control-allow-origin": "https://data.example"}'

/** A name as HTTP has it (RFC 9110, 5.6.2). */
const isName = (text: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)

/** What can be seen, and blanks: a line's end would begin another header, or the body. */
const isValue = (text: string): boolean => /^[\t\x20-\x7e]*$/.test(text)

/** They say where an answer ends and how it is read, which only who writes it knows. */
const ours: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** `SUIRO_ANSWER_HEADERS`: JSON with a text for each name. */
export function readAnswerHeaders({
  value,
  mistakes,
}: Pick<EnvReader, 'value' | 'mistakes'>): AnswerHeaders {
  const text = value('SUIRO_ANSWER_HEADERS')
  if (text === undefined) return {}
  const wrong = (what: string): void => void mistakes.push(`SUIRO_ANSWER_HEADERS: ${what}`)
  const given = parsed(text)
  if (!isObject(given)) {
    wrong(`it must be a JSON object such as ${example}`)
    return {}
  }
  const headers = new Map<string, string>()
  for (const [written, content] of Object.entries(given)) {
    const name = written.toLowerCase()
    const shown = JSON.stringify(written)
    if (!isName(written)) wrong(`${shown} is no name of a header`)
    else if (ours.has(name)) wrong(`${shown} is set for each answer by the API itself`)
    else if (headers.has(name)) wrong(`${shown} is there twice`)
    else if (typeof content !== 'string' || !isValue(content)) {
      wrong(`the value of ${shown} must be a text of one line, of ASCII characters`)
    } else headers.set(name, content)
  }
  return Object.fromEntries(headers)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
