import { Scalar } from 'yaml'
import { isExactNumber } from '#workflows/domain/exact-number.ts'
import { isObject, type Json } from '#workflows/domain/json.ts'

/** What the library writes numbers of, whole floats with their point and integers with all digits. */
export function yamlOf(value: Json): unknown {
  if (Array.isArray(value)) return value.map(yamlOf)
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, yamlOf(item)]))
  }
  if (!isExactNumber(value)) return value
  const isFloat = /[.eE]/.test(value.rawJSON)
  const scalar = new Scalar(isFloat ? Number(value.rawJSON) : BigInt(value.rawJSON))
  return isFloat ? Object.assign(scalar, { minFractionDigits: 1 }) : scalar
}
