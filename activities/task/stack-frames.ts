import { shorten } from '#workflows/domain/cut.ts'

/** As much of a stack as anybody reads: it travels in the parameters of `_error` tasks. */
const longestStack = 8_000

/**
 * Where an error comes from, in the words of its stack: a frame a line, files by their names in the project or in
 * their package. Folders of the machine are nobody's business, and Suiro's own frames tell a task's author nothing.
 */
export function framesOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined
  const frames = error.stack.split('\n').filter((line) => /^\s+at /.test(line))
  const ours = frames.findIndex((frame) => ownFrame.test(frame))
  const theirs = (ours > 0 ? frames.slice(0, ours) : frames).map(withoutFolders)
  return theirs.length === 0 ? undefined : shorten(theirs.join('\n'), longestStack)
}

/** What calls an operator, from the inside out. */
const ownFrame = /\/activities\/task\/(own-operator|run-task)\.ts:/

/** `    at run (file:///srv/operators/slack.ts:3:9)` is `at run (slack.ts:3:9)`. */
const withoutFolders = (frame: string): string =>
  frame
    .trim()
    .replace(/([( ])(?:file:\/\/)?\/[^()\s]*\/node_modules\//, '$1')
    .replace(/([( ])(?:file:\/\/)?\/(?:[^()]*\/)?([^()/]+:\d+:\d+)/, '$1$2')
