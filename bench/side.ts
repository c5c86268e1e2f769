/** One of those that are compared: each does the same in its own way. */
export interface Side {
  readonly name: string
  /** A session of one task, from asking for it to knowing that it is done, in milliseconds. */
  oneSession(): Promise<number>
  /** So many such sessions asked for at once; how many a second are done. */
  sessionsAtOnce(count: number): Promise<number>
  /** So many starts at once, in milliseconds each until it is answered. */
  startsAtOnce?(count: number): Promise<number>
  /** So many commands that do nothing in one attempt, side by side; milliseconds a command. */
  commands?(count: number): Promise<number>
  close(): Promise<void>
}
