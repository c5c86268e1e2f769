/** Finds something once for many who ask; the ones found last are kept, a failure is not. */
export function createKept<Key, Value>(
  most: number,
  find: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const found = new Map<Key, Promise<Value>>()
  return (key) => {
    const before = found.get(key)
    if (before !== undefined) return before
    const finding = find(key)
    found.set(key, finding)
    finding.catch(() => found.delete(key))
    const [oldest] = found.keys()
    if (found.size > most && oldest !== undefined) found.delete(oldest)
    return finding
  }
}
