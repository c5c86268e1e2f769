/** Shorter texts than this stand in any log by chance; masking them would hide the log, not the secret. */
const shortest = 3
/** A line of a longer secret (a private key) is a secret of its own. */
const shortestLine = 8

/** Takes every secret it has been told of out of a text. */
export interface Mask {
  add(secret: string): void
  readonly text: (text: string) => string
}

export function createMask(): Mask {
  const hidden = new Set<string>()
  let longestFirst: readonly string[] = []
  return {
    add(secret) {
      if (secret.length < shortest) return
      hidden.add(secret)
      // As it stands inside JSON, where quotes and line breaks are escaped.
      hidden.add(JSON.stringify(secret).slice(1, -1))
      for (const line of secret.split(/\r?\n/)) {
        if (line.trim().length >= shortestLine) hidden.add(line.trim())
      }
      longestFirst = [...hidden].sort((a, b) => b.length - a.length)
    },
    text: (text) => longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '***'), text),
  }
}
