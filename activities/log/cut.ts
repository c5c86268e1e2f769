import { startOf } from '#workflows/domain/cut.ts'

/** The start of a text whose characters take up to so many bytes in UTF-8. */
export function startOfBytes(text: string, bytes: number): string {
  const start = startOf(text, bytes)
  const encoded = Buffer.from(start)
  if (encoded.length <= bytes) return start
  let end = bytes
  while (end > 0 && (encoded[end]! & 0xc0) === 0x80) end -= 1
  return encoded.toString('utf8', 0, end)
}
