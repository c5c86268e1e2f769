/** Shorter texts than this stand in any log by chance; masking them would hide the log, not the secret. */
const shortest = 3
/** A line of a longer secret (a private key) is a secret of its own. */
const shortestLine = 8

/** A shorter secret's encodings are too short to be told from other texts. */
const shortestEncoded = 8

/** Takes every secret it has been told of out of a text. */
export interface Mask {
  add(secret: string): void
  readonly text: (text: string) => string
  /** Whether a secret stands somewhere in a value that is to be kept as JSON. */
  finds(value: unknown): boolean
}

export function createMask(): Mask {
  const hidden = new Set<string>()
  let longestFirst: readonly string[] = []
  return {
    add(secret) {
      if (secret.length < shortest) return
      hidden.add(secret)
      for (const form of encodingsOf(secret)) hidden.add(form)
      for (const line of secret.split(/\r?\n/)) {
        if (line.trim().length >= shortestLine) hidden.add(line.trim())
      }
      longestFirst = [...hidden].sort((a, b) => b.length - a.length)
    },
    text: (text) => longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '***'), text),
    finds(value) {
      if (longestFirst.length === 0) return false
      const text = JSON.stringify(value ?? null)
      return longestFirst.some((secret) => text.includes(secret))
    },
  }
}

/** The secret as it stands in JSON, in URLs and forms, and in headers. */
function encodingsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  if (secret.length < shortestEncoded) return [json]
  const url = encodeURIComponent(secret.toWellFormed())
  const bytes = Buffer.from(secret)
  return [
    json,
    url,
    url.replaceAll('%20', '+'),
    // Without padding, so that it is found with and without.
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}
