/** What a statement asks for, put together from what is wanted: conditions and the values that they name. */
export interface Conditions {
  readonly values: readonly unknown[]
  /** A value's place in the statement, such as `$3::bigint`. */
  readonly value: (value: unknown, type: string) => string
  readonly add: (condition: string) => void
  /** All of them, behind `where`. */
  readonly text: () => string
  /** Others of the same statement: they count the same values. */
  readonly others: () => Conditions
}

export const createConditions = (values: unknown[] = []): Conditions => {
  const conditions: string[] = []
  return {
    values,
    value(value, type) {
      values.push(value)
      return `$${values.length}::${type}`
    },
    add: (condition) => void conditions.push(`(${condition})`),
    text: () => (conditions.length === 0 ? 'true' : conditions.join(' and ')),
    others: () => createConditions(values),
  }
}
