import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addressOf } from './hosts.ts'
import type { Part } from './parts/part.ts'
import type { Settings } from './settings.ts'

/** There when the examples have run to their end in this data folder. */
const mark = (home: string): string => join(home, 'run/examples-done')

/** Runs the examples, unless they have run here before. */
export async function runFirst(
  settings: Settings,
  parts: readonly Part[],
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  if (!settings.examples || existsSync(mark(settings.home))) return
  const env = Object.assign({}, ...parts.map((part) => part.env)) as Record<string, string>
  // Only now: Google's client would stay in memory for as long as this process runs.
  const { runExamples } = await import('../../examples/run.ts')
  const examples = runExamples({
    apiUrl: `http://${addressOf(settings.hosts.api, settings.ports.api)}`,
    databaseUrl: env['DATABASE_URL'] ?? '',
    bucket: settings.bucket,
    bigquery: {
      projectId: settings.googleProject,
      ...(env['BIGQUERY_API_ENDPOINT'] === undefined
        ? {}
        : { apiEndpoint: env['BIGQUERY_API_ENDPOINT'] }),
    },
    ...(env['SUIRO_TEMPORAL_UI'] === undefined ? {} : { temporalUi: env['SUIRO_TEMPORAL_UI'] }),
    print,
    signal,
  })
  try {
    await examples
    await writeFile(mark(settings.home), new Date().toISOString())
  } catch (error) {
    // Suiro itself works: it stays, and the next start tries the example again.
    if (!signal.aborted) {
      print(
        `\nThe example did not come to its end: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
}
