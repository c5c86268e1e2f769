/** A shorter start of a secret is at the end of many texts by chance. */
const shortestStart = 3

/**
 * Characters at the end of a text with which one of the secrets may begin, its rest still to come; line
 * ends are anywhere, in the secret as in the text.
 */
export function openEndOf(text: string, secrets: readonly string[]): number {
  const longest = secrets.reduce((most, { length }) => Math.max(most, length), 0)
  if (longest === 0) return 0
  const { joined, places } = withoutLineEnds(text, text.length - 2 * longest)
  const most = secrets.reduce((known, secret) => Math.max(known, startAtEnd(joined, secret)), 0)
  return most === 0 ? 0 : text.length - (places[joined.length - most] ?? text.length)
}

/** How much of a secret is at the end of a text, if not all of it. */
function startAtEnd(joined: string, secret: string): number {
  const whole = secret.replaceAll(/[\r\n]/g, '')
  const firstLine = secret.search(/[\r\n]/)
  for (let length = Math.min(whole.length - 1, joined.length); length > 0; length -= 1) {
    if (length < shortestStart && length !== firstLine) continue
    const from = joined.length - length
    if (joined[from] === whole[0] && joined.endsWith(whole.slice(0, length))) return length
  }
  return 0
}

/** A text's end without its line ends, and where each character of it is. */
function withoutLineEnds(
  text: string,
  from: number,
): { readonly joined: string; readonly places: readonly number[] } {
  let joined = ''
  const places: number[] = []
  for (let at = Math.max(0, from); at < text.length; at += 1) {
    const character = text[at]!
    if (character === '\n' || character === '\r') continue
    joined += character
    places.push(at)
  }
  return { joined, places }
}
