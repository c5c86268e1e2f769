import { readDuration } from '#workflows/dig/duration.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** Typed reading of environment variables; mistakes are gathered, so that all are reported at once. */
export interface EnvReader {
  readonly mistakes: string[]
  /** Trimmed; undefined when empty. */
  readonly value: (name: string) => string | undefined
  readonly required: (name: string, what: string) => string
  /** At least 0 unless said otherwise. */
  readonly whole: (name: string, fallback: number, max: number, min?: number) => number
  readonly flag: (name: string, fallback: boolean) => boolean
  /** Seconds, from a text such as `1m 30s`. */
  readonly duration: (name: string, fallback: number) => number
  readonly choice: <Choice extends string>(
    name: string,
    choices: readonly Choice[],
    fallback: Choice,
  ) => Choice
  /** An address that begins with http:// or https://. */
  readonly uri: (name: string) => string | undefined
}

export function createEnvReader(env: Env): EnvReader {
  const mistakes: string[] = []
  const value = (name: string): string | undefined => env[name]?.trim() || undefined
  /** What `read` makes of a variable, or the fallback for one that is not set or wrong. */
  const reading = <Value>(
    name: string,
    fallback: Value,
    must: string,
    read: (text: string) => Value | undefined,
  ): Value => {
    const text = value(name)
    if (text === undefined) return fallback
    const found = read(text)
    if (found === undefined) mistakes.push(`${name} must be ${must}, but is "${text}"`)
    return found ?? fallback
  }

  return {
    mistakes,
    value,
    required(name, what) {
      const text = value(name)
      if (text === undefined) mistakes.push(`${name} is not set: ${what}`)
      return text ?? ''
    },
    whole: (name, fallback, max, min = 0) =>
      reading(name, fallback, `a whole number from ${min} to ${max}`, (text) => {
        const number = Number(text)
        return Number.isInteger(number) && number >= min && number <= max ? number : undefined
      }),
    flag: (name, fallback) =>
      reading(name, fallback, 'true or false', (text) =>
        text === 'true' ? true : text === 'false' ? false : undefined,
      ),
    duration: (name, fallback) =>
      reading(name, fallback, 'a duration such as 30s or 1m 30s', readDuration),
    choice: (name, choices, fallback) =>
      reading(name, fallback, choices.join(' or '), (text) =>
        choices.find((choice) => choice === text),
      ),
    uri(name) {
      const text = value(name)
      if (text === undefined || isWebAddress(text)) return text
      mistakes.push(
        `${name} must be an address that begins with http:// or https://, but is ${shownAddress(text)}`,
      )
      return undefined
    },
  }
}

/** An address may hold a password, and one that is no address may be one: what it begins with must do. */
export const shownAddress = (text: string): string => {
  const [scheme] = /^[a-z][a-z\d+.-]*:\/\//i.exec(text) ?? []
  return scheme === undefined ? 'something else (not shown: it may be a secret)' : `"${scheme}…"`
}

const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text)
