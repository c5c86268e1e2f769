/** A shorter secret's encodings are too short to be told apart from other texts. */
const shortestEncoded = 8

/** The secret as it is in JSON, in URLs and forms, and in headers. */
export function encodingsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  if (secret.length < shortestEncoded) return [json]
  const url = encodeURIComponent(secret.toWellFormed())
  const hex = Buffer.from(secret).toString('hex')
  return [json, ...escapes(url), ...base64(secret), hex, hex.toUpperCase()]
}

function escapes(url: string): readonly string[] {
  const lower = url.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase())
  return [url, lower].flatMap((form) => [form, form.replaceAll('%20', '+')])
}

/** Alone, and behind other bytes: `user:secret` of a header begins at any of three places in a group. */
function base64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const alone = (['base64', 'base64url'] as const).map((encoding) =>
    // Without padding, so that it is found with and without.
    bytes.toString(encoding).replace(/=+$/, ''),
  )
  const behind = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
    // A character at either end that holds bits of the neighbours differs with them.
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor((whole.length * 8) / 6)
    return (['base64', 'base64url'] as const).map((encoding) =>
      whole.toString(encoding).slice(first, last),
    )
  })
  return [...alone, ...behind]
}
