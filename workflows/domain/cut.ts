/** The start of a text, of about this length: a cut never falls inside a character. */
export function startOf(text: string, length: number): string {
  if (length <= 0) return ''
  if (length >= text.length) return text
  const last = text.charCodeAt(length - 1)
  const opensPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, opensPair ? length - 1 : length)
}

/** The end of a text, of about this length. */
function endOf(text: string, length: number): string {
  const end = text.slice(text.length - length)
  const first = end.charCodeAt(0)
  const closesPair = first >= 0xdc00 && first <= 0xdfff
  return closesPair ? end.slice(1) : end
}

/** A text that is too long keeps its beginning only. */
export const excerpt = (text: string, longest: number): string =>
  text.length <= longest ? text : `${startOf(text, longest)}…`

/** A text that is too long keeps its beginning and its end, which says how many characters are left out between. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const tail = Math.floor(longest / 4)
  const head = longest - tail
  const left = `${text.length - longest} characters left out`
  return `${startOf(text, head)} … (${left}) … ${endOf(text, tail)}`.toWellFormed()
}
