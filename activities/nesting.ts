import { isCollection, type Json } from '#workflows/domain/json.ts'

/** Deeper values cannot be read by those who walk them with a call for each level. */
export const mostLevels = 1_000

/** Whether a value holds arrays and objects inside each other beyond `levels`. */
export function isDeeperThan(value: Json, levels: number): boolean {
  let layer: readonly Json[] = [value]
  for (let level = 0; level <= levels; level += 1) {
    layer = layer.flatMap((item) => (isCollection(item) ? Object.values(item) : []))
    if (layer.length === 0) return false
  }
  return true
}
