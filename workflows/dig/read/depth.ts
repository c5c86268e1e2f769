import type { CST } from 'yaml'

/** Everything after parsing walks recursively, so what is deeper is refused before that. */
export const deepestLevels = 500

/** Where a file becomes deeper than that; undefined when it does not. */
export function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open: { readonly token: CST.Token; readonly level: number }[] = []
  for (const token of tokens) open.push({ token, level: 0 })
  while (true) {
    const next = open.pop()
    if (next === undefined) return undefined
    const { token, level } = next
    if (level > deepestLevels) return 'offset' in token ? token.offset : 0
    if (token.type === 'document' && token.value) open.push({ token: token.value, level })
    if (!('items' in token)) continue
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, level: level + 1 })
      if (item.value) open.push({ token: item.value, level: level + 1 })
    }
  }
}
