import { LRUCache } from 'lru-cache'

/** Finds something once for many who ask; the ones asked for last are cached, a failure is not. */
export function createCache<Key extends {}, Value>(
  most: number,
  find: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const found = new LRUCache<Key, Promise<Value>>({ max: most })
  return (key) => {
    const before = found.get(key)
    if (before !== undefined) return before
    const finding = find(key)
    found.set(key, finding)
    finding.catch(() => found.delete(key))
    return finding
  }
}
