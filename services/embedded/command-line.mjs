// @ts-check
// Without packages and on Node 20.3 too: bootstrap.mjs reads command lines before anything is installed.
import { parseArgs } from 'node:util'

/**
 * @typedef {Readonly<Record<string, { readonly type: 'string' | 'boolean', readonly multiple?: boolean }>>} Options
 * @typedef {{ readonly options: Options, readonly names?: boolean }} Understood What a command understands; `names`:
 * words without dashes too.
 * @typedef {(word: string, known: Iterable<string>) => string | undefined} Nearest
 * @typedef {{
 *   readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>,
 *   readonly names: readonly string[],
 *   readonly mistakes: readonly string[],
 * }} CommandLine
 */

/**
 * Reads a command line; all that is wrong with it is answered as sentences.
 *
 * @param {readonly string[]} args
 * @param {Understood} understood
 * @param {Nearest} nearest Finds the word that may be meant.
 * @returns {CommandLine}
 */
export function readCommandLine(args, { options, names = false }, nearest = () => undefined) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: { ...options },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const mistakes = tokens.flatMap((token) => {
    if (token.kind === 'positional') {
      return names ? [] : [`"${token.value}" is too much: there is nothing to name here.`]
    }
    if (token.kind === 'option-terminator') return []
    const { name, rawName, value } = token
    const known = Object.hasOwn(options, name) ? options[name] : undefined
    if (known === undefined) {
      const near = nearest(name, Object.keys(options))
      return [
        `There is no option ${rawName}.${near === undefined ? '' : ` Did you mean --${near}?`}`,
      ]
    }
    if (known.type === 'boolean' && value !== undefined) return [`${rawName} takes no value.`]
    const isOption = token.inlineValue === false && value?.startsWith('-')
    if (known.type === 'string' && (value === undefined || isOption)) {
      return [`${rawName} needs a value.`]
    }
    return []
  })
  return {
    values: { ...values },
    names: positionals,
    mistakes,
  }
}

/**
 * Whether a usage is asked for; what is behind `--` is meant otherwise.
 *
 * @param {readonly string[]} args
 */
export function asksForHelp(args) {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).some((word) => word === '--help' || word === '-h')
}
