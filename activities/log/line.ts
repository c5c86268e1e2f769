/** One of our own lines in a task's log, in the format of Digdag's: time, level, place, what. */
export interface LinePlace {
  readonly projectName: string
  readonly sessionId: number
  readonly attemptId: number
  readonly fullName: string
  /** Tells apart what one worker does at a time. */
  readonly run: number
}

export type Level = 'INFO' | 'WARN' | 'ERROR'

export function formatLine(place: LinePlace, level: Level, text: string, now: Date): string {
  const time = `${now.toISOString().replace('T', ' ').replace('Z', '')} +0000`
  const run = String(place.run % 10_000).padStart(4, '0')
  const where = `[0:${place.projectName}:${place.sessionId}:${place.attemptId}]${place.fullName}`
  return `${time} [${level}] (${run}@${where}) suiro: ${text}`
}
