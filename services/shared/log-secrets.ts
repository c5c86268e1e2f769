/** Settings whose value is a secret as a whole; those that name a file or say how to encrypt are none. */
const secretSetting = /(?:PASSWORD|API_KEY|SECRET_KEY|TOKEN|KEY_DATA)$|_GRPC_META_/i
/** JSON objects, of which each value may be one. */
const headers = /_HTTP_HEADERS$/
/** The path of a webhook is its password. */
const webhook = /^SUIRO_NOTIFICATION_HTTP_URL$/

/** Shorter texts come up by chance. */
const shortest = 8

/** The secrets among a process's settings: passwords, keys, headers, and what is secret in addresses. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, given]) => {
    const value = given?.trim() ?? ''
    if (secretSetting.test(name)) return [value]
    if (headers.test(name)) return headerValues(value)
    if (!/^\w+:\/\//.test(value) || !URL.canParse(value)) return []
    const { password, pathname, search } = new URL(value)
    return [password, decoded(password), ...(webhook.test(name) ? [pathname + search] : [])]
  })
}

/** Also what is behind the scheme of `Bearer …`; nothing of what is no JSON object, which is refused elsewhere. */
function headerValues(text: string): readonly string[] {
  try {
    return Object.values(JSON.parse(text) as object).flatMap((value: unknown) =>
      typeof value === 'string' ? [value, ...value.split(' ').slice(1)] : [],
    )
  } catch {
    return []
  }
}

/** A password may hold a `%` that encodes nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Takes secrets out of a line of JSON, which stays JSON. */
export function hideSecrets(secrets: readonly string[]): (line: string) => string {
  const forms = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortest)
    .sort((a, b) => b.length - a.length)
    .map((secret) => ({
      written: JSON.stringify(secret).slice(1, -1),
      // One of digits alone may be where JSON has a number.
      cover: /^\d+$/.test(secret) ? '9'.repeat(secret.length) : '***',
    }))
  return (line) => forms.reduce((text, { written, cover }) => text.replaceAll(written, cover), line)
}
