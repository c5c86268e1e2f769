import { isObject } from '#workflows/domain/json.ts'
import type { Body } from './exchanges.ts'

/** Recorded ids and ours, by what they are of: ours leave gaps elsewhere. */
export interface Ids {
  /** What two answers to the same request call the same thing. */
  note(noun: string, theirs: Body, ourOwn: Body): void
  /** Everything of a list, by its name in it. */
  noteAll(noun: string, theirs: unknown, ourOwn: unknown, by?: string): void
  /** An address or a body, with our ids in it. */
  inText(text: string): string
}

export function createIds(): Ids {
  const ours = new Map<string, string>()
  const nameOf = (noun: string): string => (noun === 'files' ? 'fileName' : 'id')
  const ourId = (noun: string, id: string): string => ours.get(`${noun}/${id}`) ?? id

  const note: Ids['note'] = (noun, theirs, ourOwn) => {
    const key = nameOf(noun)
    ours.set(`${noun}/${String(theirs[key])}`, String(ourOwn[key]))
    if (typeof theirs['sessionId'] === 'string') {
      ours.set(`sessions/${theirs['sessionId']}`, String(ourOwn['sessionId']))
    }
  }
  return {
    note,
    noteAll(noun, theirs, ourOwn, by = 'name') {
      if (!Array.isArray(theirs) || !Array.isArray(ourOwn)) return
      for (const one of theirs.filter(isObject)) {
        const twin = ourOwn.find((other) => isObject(other) && other[by] === one[by])
        if (isObject(twin)) note(noun, one, twin)
      }
    },
    inText: (text) =>
      text
        .replace(
          /(projects|workflows|attempts|sessions|schedules)\/(\d+)/g,
          (_, noun, id) => `${noun}/${ourId(noun, id)}`,
        )
        .replace(/(sessions\?.*last_id=)(\d+)/, (_, key, id) => key + ourId('sessions', id))
        .replace(/logs\/(\d+)/, (_, id) => `logs/${ourId('attempts', id)}`)
        .replace(
          /(\/files\/)([^?]+)/,
          (_, key, file) => key + encodeURIComponent(ourId('files', decodeURIComponent(file))),
        )
        .replace(/("workflowId": ?"?)(\d+)/, (_, key, id) => key + ourId('workflows', id))
        .replace(/("attemptId": ?"?)(\d+)/, (_, key, id) => key + ourId('attempts', id)),
  }
}
