import { runExamples } from '#examples/run.ts'
import type { Stack } from './stack.ts'

/** Pushes the examples to a stack and runs their first day. */
export const runExamplesOn = (stack: Stack, print: (line: string) => void): Promise<void> =>
  runExamples({
    apiUrl: stack.url,
    databaseUrl: stack.databaseUrl,
    bucket: 'suiro',
    bigquery: {
      projectId: stack.env['GOOGLE_CLOUD_PROJECT'] ?? '',
      apiEndpoint: stack.env['BIGQUERY_API_ENDPOINT'] ?? '',
    },
    print,
    signal: new AbortController().signal,
  })
