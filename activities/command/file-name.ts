import { OperatorError } from '../failure.ts'

/** One part of a path, of letters that a key of a ConfigMap may have as well. */
const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/

/** Throws unless the name of a file of a place is a plain one: such a file can be nowhere else. */
export function checkFileName(name: string): void {
  if (plain.test(name)) return
  throw new OperatorError(
    `A file of a command cannot be called ${JSON.stringify(name)}: its name is at most 100 letters, digits, dots, dashes and underscores, and begins with no dot or dash`,
  )
}

/** Throws unless a command may leave a file of this name. */
export function checkOutput(outputs: readonly string[], name: string): void {
  checkFileName(name)
  if (outputs.includes(name)) return
  throw new OperatorError(
    `The file ${JSON.stringify(name)} is none of the command's outputs (${outputs.join(', ')}): name it when the place is opened`,
  )
}
