/** How waits between tries grow; all in one unit. */
export interface Growth {
  readonly first: number
  readonly most: number
  /** 2 unless said otherwise: each wait is twice the one before. */
  readonly factor?: number
  /** So many waits are as long as the first. */
  readonly after?: number
}

/** The wait before the next try, after `before` waits: 0 gives the first. */
export const growingWait = (
  { first, most, factor = 2, after = 0 }: Growth,
  before: number,
): number => Math.min(most, first * factor ** Math.min(Math.max(before - after, 0), 1_000))
