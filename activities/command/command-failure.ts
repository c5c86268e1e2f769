import { OperatorError } from '../failure.ts'
import type { CommandEnd } from './run-in-place.ts'
import { lastLines } from './last-lines.ts'

/** A command failed: Digdag's sentence, followed by what the command printed last. */
export const commandFailure = (
  { code, printed }: Pick<CommandEnd, 'code' | 'printed'>,
  mask: (text: string) => string,
): OperatorError =>
  new OperatorError(`Command failed with code ${code}`, {
    code: 'COMMAND',
    printed: lastLines(printed, mask),
  })
