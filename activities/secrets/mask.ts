import { encodingsOf } from './encodings.ts'
import { openEndOf } from './open-end.ts'

/** Shorter texts than this are in any log by chance; masking them would hide the log, not the secret. */
const shortest = 3
/** A line of a longer secret (a private key) is a secret of its own. */
const shortestLine = 8
/** Broken into lines (`base64`, `fold`), shorter ones would be seen where there are none. */
const shortestBroken = 16

/** Takes every secret it has been given out of a text. */
export interface Mask {
  add(secret: string): void
  readonly text: (text: string) => string
  /** Whether a secret is somewhere in a value that is to be stored as JSON. */
  finds(value: unknown): boolean
  /** Characters of the longest text that is hidden. */
  longest(): number
  /** Characters at the end of a text that may be the start of a secret whose rest is still to come. */
  openEnd(text: string): number
}

export function createMask(): Mask {
  const hidden = new Set<string>()
  let longestFirst: readonly string[] = []
  let breakable: readonly string[] = []
  return {
    add(secret) {
      if (secret.length < shortest) return
      hidden.add(secret)
      for (const form of encodingsOf(secret)) hidden.add(form)
      for (const line of secret.split(/\r?\n/)) {
        if (line.trim().length >= shortestLine) hidden.add(line.trim())
      }
      longestFirst = [...hidden].sort((a, b) => b.length - a.length)
      breakable = longestFirst
        .map((form) => form.replaceAll(/[\r\n]/g, ''))
        .filter((form) => form.length >= shortestBroken)
    },
    text(text) {
      const masked = longestFirst.reduce((left, secret) => left.replaceAll(secret, '***'), text)
      return hideBroken(masked, breakable)
    },
    finds(value) {
      if (longestFirst.length === 0) return false
      const text = JSON.stringify(value ?? null)
      return longestFirst.some((secret) => text.includes(secret))
    },
    longest: () => longestFirst[0]?.length ?? 0,
    openEnd: (text) => openEndOf(text, longestFirst),
  }
}

/** Hides what is there with line ends inside. */
function hideBroken(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0 || !text.includes('\n')) return text
  const joined = text.replaceAll(/[\r\n]/g, '')
  const found = secrets.filter((secret) => joined.includes(secret))
  return found.reduce((left, secret) => left.replaceAll(acrossLines(secret), '***'), text)
}

const escaped = (character: string): string =>
  character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`)

const acrossLines = (secret: string): RegExp =>
  new RegExp(Array.from(secret, escaped).join(String.raw`(?:\r?\n)?`), 'gu')
