import { shorten } from '#workflows/domain/cut.ts'

/** A stack that is too long keeps its two ends, by whole frames, and says how many are left out between. */
export function shortenFrames(frames: readonly string[], longest: number): readonly string[] {
  if (lengthOf(frames) <= longest) return frames
  // One of them alone may be too long: an exception's own words are among the frames of Python.
  const each = frames.map((frame) => shorten(frame, longest / 4))
  const [head, tail]: [string[], string[]] = [[], []]
  let room = longest
  for (let from = 0, to = each.length - 1; from <= to;) {
    const fromEnd = tail.length <= head.length
    const frame = each[fromEnd ? to : from]!
    room -= frame.length
    if (room < 0) break
    if (fromEnd) {
      tail.unshift(frame)
      to -= 1
    } else {
      head.push(frame)
      from += 1
    }
  }
  const left = frames.length - head.length - tail.length
  return left === 0 ? [...head, ...tail] : [...head, `… (${left} frames left out) …\n`, ...tail]
}

const lengthOf = (frames: readonly string[]): number =>
  frames.reduce((sum, { length }) => sum + length, 0)
