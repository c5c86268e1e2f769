import { extname } from 'node:path'
import { parse } from 'yaml'
import { isObject, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { OperatorContext } from '../task/operator.ts'
import { createAccounts, type BigQueryDeps } from './account.ts'
import { loadJob } from './job-config.ts'
import { renderedFile } from './project-text.ts'
import { runTaskJob } from './run-job.ts'

/** `bq_load>` loads objects of Cloud Storage into a table: all of them or none. */
export function createBqLoad(deps: BigQueryDeps): BuiltIn<'bq_load'> {
  const accountOf = createAccounts(deps)
  return builtIn('bq_load', async (context) => {
    const account = await accountOf(context)
    return runTaskJob(context, account, async () => ({
      configuration: loadJob(
        context.config.withDefaults('bq'),
        account.projectId,
        await schema(context),
      ),
    }))
  })
}

/** The schema itself, or the path of a JSON or YAML file that holds it; a list is one of its fields. */
async function schema(context: OperatorContext<KeyOf<'bq_load'>>): Promise<JsonObject | undefined> {
  const config = context.config.withDefaults('bq')
  const value = config.get('schema')
  if (value === undefined) return undefined
  if (typeof value !== 'string') return schemaOf(value, 'schema')
  const text = value.trimStart()
  if (text.startsWith('{') || text.startsWith('['))
    return schemaOf(parseFile('schema', text), 'schema')
  return schemaOf(parseFile(value, await renderedFile(context, value)), value)
}

/** Also the list of fields alone, as `bq show --schema` prints it. */
function schemaOf(found: unknown, place: string): JsonObject {
  if (Array.isArray(found) && found.length > 0 && found.every((field) => isObject(field))) {
    return { fields: found }
  }
  if (isObject(found)) return found
  throw configError(
    `A schema is an object with 'fields', the list of its fields, or the path of a file that holds either, but ${place} holds something else`,
  )
}

function parseFile(path: string, text: string): unknown {
  try {
    return extname(path) === '.json' ? JSON.parse(text) : parse(text)
  } catch (error) {
    throw configError(`${path} cannot be read as a schema: ${(error as Error).message}`)
  }
}
