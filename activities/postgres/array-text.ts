import type { Json } from '#workflows/domain/json.ts'

/**
 * Reads PostgreSQL's text of an array, `{1,NULL,"a, b"}`, of any depth and with any lower bounds (`[0:1]={…}`), as a
 * list; `element` reads an element's text.
 */
export function parseArray(
  text: string,
  delimiter: string,
  element: (text: string) => Json,
): readonly Json[] {
  let at = text.indexOf('{') + 1
  const list = (): readonly Json[] => {
    const items: Json[] = []
    while (at < text.length && text[at] !== '}') {
      if (text[at] === delimiter) at += 1
      else if (text[at] === '{') {
        at += 1
        items.push(list())
      } else items.push(text[at] === '"' ? element(quoted()) : plain())
    }
    at += 1
    return items
  }
  const quoted = (): string => {
    let value = ''
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
      if (text[at] === '\\') at += 1
      value += text[at] ?? ''
    }
    at += 1
    return value
  }
  const plain = (): Json => {
    const from = at
    while (at < text.length && text[at] !== delimiter && text[at] !== '}') at += 1
    const value = text.slice(from, at)
    return value === 'NULL' ? null : element(value)
  }
  return list()
}
