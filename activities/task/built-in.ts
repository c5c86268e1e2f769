import type { operatorKeys } from '#workflows/dig/index.ts'
import {
  operators,
  type OperatorName,
  type OptionName,
  type RefusedOptionName,
} from '#workflows/dig/operators/table.ts'
import type { Operator, OperatorContext, OperatorResult } from './operator.ts'

type Table = typeof operators

type Defaults<Name extends OperatorName> = Table[Name] extends {
  readonly defaults: infer Key extends string
}
  ? Key
  : never

type Inherited<Name extends OperatorName> = Table[Name] extends {
  readonly inherits: readonly (infer Key extends string)[]
}
  ? Key
  : never

/**
 * Names of the parameters that code of this operator may read: its options, the mappings of defaults and the
 * directives; any name, where any may be its parameter.
 */
export type KeyOf<Name extends OperatorName> = Table[Name] extends { readonly options: unknown }
  ? | OptionName<Name>
    | RefusedOptionName<Name>
    | Defaults<Name>
    | Inherited<Name>
    | (typeof operatorKeys)[number]
  : string

/** One of Suiro's own operators, as the table names it. */
export interface BuiltIn<Name extends OperatorName> extends Operator {
  readonly name: Name
}

/** Each operator of the table under its own name. */
export type OperatorsByName = { readonly [Name in OperatorName]: BuiltIn<Name> }

/** An operator of the table: what it does, with the secrets and the `_retry` that are there. */
export function builtIn<Name extends OperatorName>(
  name: Name,
  run: (context: OperatorContext<KeyOf<Name>>) => Promise<OperatorResult>,
): BuiltIn<Name> {
  const { secrets, retry } = operators[name]
  return { name, secrets, retries: retry === 'task', run }
}
