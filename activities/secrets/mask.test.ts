import { describe, expect, test } from 'vitest'
import { createMask } from './mask.ts'

const secret = 'p/ss w0rd-of/many+characters'
const masked = (text: string): string => {
  const mask = createMask()
  mask.add(secret)
  return mask.text(text)
}

describe('a secret is found', () => {
  test.each(['', 'u', 'us', 'user:', 'user::'])('in base64 behind "%s"', (before) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = masked(Buffer.from(`${before}${secret}`).toString(encoding))
      expect(text).toMatch(/^[\w+/-]*\*\*\*.{0,4}$/)
      const shown = Buffer.from(text.replace(/\*\*\*.*$/, ''), encoding).toString()
      expect(`${before}p`.startsWith(shown.replace('\u{FFFD}', ''))).toBe(true)
    }
  })

  test('with its %XX in small letters, and in hexadecimal of either case', () => {
    const url = encodeURIComponent(secret)
    expect(masked(url.replaceAll(/%../g, (code) => code.toLowerCase()))).toBe('***')
    const hex = Buffer.from(secret).toString('hex')
    expect(masked(`${hex} ${hex.toUpperCase()}`)).toBe('*** ***')
  })

  test('broken into lines, itself and its base64', () => {
    expect(masked(`a ${secret.slice(0, 9)}\n${secret.slice(9, 20)}\r\n${secret.slice(20)} b`)).toBe(
      'a *** b',
    )
    const encoded = Buffer.from(`x${secret}`).toString('base64')
    const broken = encoded.replaceAll(/(.{10})/g, '$1\n')
    expect(masked(broken)).toMatch(/^.{2}\*\*\*.{0,4}\n?$/s)
  })
})
