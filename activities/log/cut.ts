/** The start of a text, of about this length: a cut never falls inside a character. */
export function startOf(text: string, length: number): string {
  if (length <= 0) return ''
  if (length >= text.length) return text
  const last = text.charCodeAt(length - 1)
  const opensPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, opensPair ? length - 1 : length)
}

/** The start of a text whose characters take up to so many bytes in UTF-8. */
export function startOfBytes(text: string, bytes: number): string {
  const start = startOf(text, bytes)
  const encoded = Buffer.from(start)
  if (encoded.length <= bytes) return start
  let end = bytes
  while (end > 0 && (encoded[end]! & 0xc0) === 0x80) end -= 1
  return encoded.toString('utf8', 0, end)
}
