import type { SharedParams } from '#store/shared-params.ts'
import { configError } from '../failure.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'
import type { OperatorContext } from '../task/operator.ts'

/** `param_set>:` keeps the names and values beside it for `param_get>` of any project, for 90 days. */
export const createParamSet = (sharedParams: Pick<SharedParams, 'set'>): BuiltIn<'param_set'> =>
  builtIn('param_set', async (context) => {
    const values = textsBeside(context, 'param_set>', 'last_day: "${session_date}"')
    const { task, state } = context
    if (state.value['shared_params_set'] === true) return {}
    // What is set is noted in the task's state in the same transaction; for that the try must have begun.
    await state.save(state.value)
    await sharedParams.set(values, task)
    return {}
  })

/** `param_get>:` stores shared values: beside it are the names, each with the parameter that it goes into. */
export const createParamGet = (sharedParams: Pick<SharedParams, 'get'>): BuiltIn<'param_get'> =>
  builtIn('param_get', async (context) => {
    const wanted = Object.entries(textsBeside(context, 'param_get>', 'last_day: day'))
    const found = await sharedParams.get(wanted.map(([name]) => name))
    return {
      stored: Object.fromEntries(
        wanted.map(([name, parameter]) => [parameter, found.get(name) ?? '']),
      ),
    }
  })

/** The texts written at the task itself, directives aside. */
function textsBeside(
  { config, params }: Pick<OperatorContext, 'config' | 'params'>,
  operator: string,
  example: string,
): Readonly<Record<string, string>> {
  const texts = Object.keys(params)
    .filter((key) => config.isLocal(key) && !key.startsWith('_') && !key.endsWith('>'))
    .flatMap((key) => {
      const text = config.optionalString(key)
      return text === undefined ? [] : [[key, text] as const]
    })
  if (texts.length === 0) {
    throw configError(`no key is set. Write names beside ${operator}, for example ${example}`)
  }
  const broken = texts.find((pair) => pair.join('').includes('\0'))
  if (broken !== undefined) throw configError(`The value of '${broken[0]}' holds a NUL character`)
  return Object.fromEntries(texts)
}
