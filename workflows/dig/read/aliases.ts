import { isAlias, visit, type Alias, type Document, type Node } from 'yaml'

/** What each alias of a document stands for: the last node before it with that anchor. */
export type Aliases = ReadonlyMap<Alias, Node>

export function resolveAliases(document: Document): Aliases {
  const anchors = new Map<string, Node>()
  const aliases = new Map<Alias, Node>()
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target !== undefined) aliases.set(node, target)
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return aliases
}
