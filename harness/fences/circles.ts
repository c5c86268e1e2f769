/** Who imports whom: from each file or folder to those that it imports. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>

/** Specifiers of a module's imports and exports, of types or of values. */
export const specifiersOf = (source: string): readonly string[] =>
  [...source.matchAll(/^(?:import|export)\s(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm)].map(
    ([, specifier]) => specifier!,
  )

/** Every circle that a walk along the arrows meets, as the names on it; none twice. */
export function circles(arrows: Arrows): readonly (readonly string[])[] {
  const found: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const walk = (name: string): void => {
    const at = path.indexOf(name)
    if (at >= 0) return void found.push([...path.slice(at), name])
    if (done.has(name)) return
    path.push(name)
    for (const next of arrows.get(name) ?? []) walk(next)
    path.pop()
    done.add(name)
  }
  for (const name of arrows.keys()) walk(name)
  return found
}

/** The same arrows between the rooms that files are in; none from a room to itself. */
export function between(arrows: Arrows, roomOf: (file: string) => string): Arrows {
  const rooms = new Map<string, Set<string>>()
  for (const [from, all] of arrows) {
    const room = roomOf(from)
    const out = rooms.get(room) ?? new Set()
    rooms.set(room, out)
    for (const to of all) if (roomOf(to) !== room) out.add(roomOf(to))
  }
  return rooms
}
