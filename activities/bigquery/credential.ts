import { isObject, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'

/** The secret `gcp.credential`: a service account's key. */
export function parseCredential(text: string): JsonObject {
  try {
    const credential = JSON.parse(text) as Json
    if (isObject(credential)) return credential
  } catch {
    // Said below; the parser's own message would show a piece of the secret.
  }
  throw configError("Secret 'gcp.credential' is not the JSON text of a service account's key")
}
