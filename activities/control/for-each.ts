import type { Json } from '#workflows/domain/json.ts'
import { builtIn } from '../task/built-in.ts'
import { createConfig } from '../task/config.ts'
import { bodyWith, checkCount, groupOf } from './body.ts'

/** `for_each>: {key: [values]}` runs `_do` for each combination of the values. */
export const forEach = builtIn('for_each', async ({ config }) => {
  const body = config.object('_do')
  const command = config.object('_command')
  const lists = createConfig(command, new Set())
  const variables = Object.keys(command).map((key) => ({ key, values: lists.list(key) }))
  checkCount(
    variables.reduce((product, { values }) => product * values.length, 1),
    'for_each',
  )
  const tasks = Object.fromEntries(
    combinations(variables).map((combination) => [
      nameOf(combination),
      bodyWith(body, Object.fromEntries(combination.map(({ key, value }) => [key, value]))),
    ]),
  )
  return { subtasks: groupOf(tasks, config) }
})

interface Choice {
  readonly place: number
  readonly key: string
  readonly index: number
  readonly value: Json
}
type Combination = readonly Choice[]

/**
 * The product of the lists, the first outermost. As in Digdag the product of nothing so far is taken as
 * a beginning: an empty list at the front is passed over, one at the end leaves nothing.
 */
function combinations(
  variables: readonly { readonly key: string; readonly values: readonly Json[] }[],
): readonly Combination[] {
  return variables.reduce<readonly Combination[]>((before, { key, values }, place) => {
    const choices = values.map((value, index): Choice => ({ place, key, index, value }))
    const seeds = before.length === 0 ? [[]] : before
    return seeds.flatMap((seed) => choices.map((choice) => [...seed, choice]))
  }, [])
}

const nameOf = (combination: Combination): string =>
  `+for-${combination
    .map(({ place, key, index, value }) => `${place}=${tag(key)}=${index}=${tag(textOf(value))}`)
    .join('&')}`

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const tagLength = 8

/** The beginning of a text, encoded as far as a task's name needs it. */
const tag = (text: string): string =>
  encodeURIComponent(text.slice(0, tagLength).replace(/\p{Surrogate}/gu, '?')).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
