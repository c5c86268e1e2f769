/** Operators of services that Suiro does not speak to: a pattern, and what to use instead. */
const unsupported: readonly (readonly [RegExp, string, string])[] = [
  [
    /^td(?:_.*)?$/,
    'Treasure Data',
    "Use bq> with the same SQL in BigQuery's dialect, bq_load> for td_load>, for_each> over stored results for td_for_each>.",
  ],
  [
    /^s3_.*$/,
    'Amazon S3',
    'Keep the files in Cloud Storage; sh> with the aws command works where it is installed.',
  ],
  [
    /^redshift(?:_.*)?$/,
    'Amazon Redshift',
    'Use bq> and bq_load>, or pg> where the data can live in PostgreSQL.',
  ],
  [/^emr$/, 'Amazon EMR', 'Use bq> for SQL work, or sh> to call what you run elsewhere.'],
  [
    /^athena(?:\..*)?$/,
    'Amazon Athena',
    'Use bq>, with an external table where the files stay in Cloud Storage.',
  ],
]

/** Why an operator cannot be used here and what to use instead; undefined for all others. */
export function unsupportedOperator(
  operator: string,
): { readonly service: string; readonly advice: string } | undefined {
  for (const [pattern, service, advice] of unsupported) {
    if (pattern.test(operator)) return { service, advice }
  }
  return undefined
}

/** What is to be said of one. */
export const notSupported = (operator: string, service: string): string =>
  `Operator ${operator}> is for ${service}, which Suiro does not speak to`
