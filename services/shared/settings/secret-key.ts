import type { EnvReader } from './env.ts'

/** The key of projects' secrets: 32 bytes in base64. Its value is in no message. */
export function readSecretKey({ value, mistakes }: EnvReader): Uint8Array | undefined {
  const text = value('SUIRO_SECRET_KEY')
  if (text === undefined) return undefined
  const key = Buffer.from(text, 'base64')
  if (key.length === 32) return key
  mistakes.push(
    `SUIRO_SECRET_KEY must be 32 bytes in base64 (make one with: openssl rand -base64 32), but has ${key.length} bytes`,
  )
  return undefined
}
