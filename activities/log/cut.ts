/** The start of a text, of about this length: a cut never falls inside a character. */
export function startOf(text: string, length: number): string {
  if (length <= 0) return ''
  if (length >= text.length) return text
  const last = text.charCodeAt(length - 1)
  const opensPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, opensPair ? length - 1 : length)
}
