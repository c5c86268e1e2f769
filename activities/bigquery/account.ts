import { createHash } from 'node:crypto'
import type { BigQuery } from '@google-cloud/bigquery'
import type { JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import type { OperatorContext } from '../task/operator.ts'
import { createBigQueryApi, type BigQueryApi } from './api.ts'
import { createBigQueryClient, type BigQuerySettings } from './client.ts'
import { parseCredential } from './credential.ts'
import { usualPace, type Pace } from './patience.ts'

/** What BigQuery's operators need; a task's own credential replaces the client. */
export interface BigQueryDeps extends Omit<BigQuerySettings, 'credentials'> {
  readonly client: BigQuery
  readonly pace?: Pace
}

/** In whose name, and in which project, a task works. */
export interface Account {
  readonly api: BigQueryApi
  readonly projectId: string
  readonly location?: string
  readonly pace: Pace
  /** Google's page about a job; absent with an engine, which has none. */
  readonly jobPage?: (fullJobId: string) => string
}

/** The secrets an account is made of. */
export const accountSecrets = ['gcp.*'] as const

/** BigQuery as a service account, or as the worker itself; cached for the next one who asks. */
export function createApis(
  deps: BigQueryDeps,
): (credential: string | undefined, projectId: string) => BigQueryApi {
  const apis = new Map<string, BigQueryApi>()
  const own = createBigQueryApi(deps.client)

  return (credential, projectId) => {
    if (credential === undefined) return own
    const key = createHash('sha256').update(`${projectId}\n${credential}`).digest('hex')
    const known = apis.get(key)
    if (known) return known
    const { apiEndpoint } = deps
    const credentials = parseCredential(credential)
    const settings = { projectId, credentials, ...(apiEndpoint !== undefined && { apiEndpoint }) }
    try {
      const api = createBigQueryApi(createBigQueryClient(settings))
      apis.set(key, api)
      return api
    } catch (error) {
      throw configError(`Secret 'gcp.credential' cannot be used: ${(error as Error).message}`)
    }
  }
}

/** Finds a task's account: secrets first, then the parameter `gcp.project`, then the worker's own. */
export function createAccounts(
  deps: BigQueryDeps,
): (context: OperatorContext<'bq' | 'gcp' | 'location'>) => Promise<Account> {
  const apiOf = createApis(deps)
  return async ({ secrets, config }) => {
    const credential = await secrets.get('gcp.credential')
    const projectId =
      (await secrets.get('gcp.project')) ??
      textAt(config.optionalObject('gcp'), 'project') ??
      (credential === undefined
        ? deps.projectId
        : textAt(parseCredential(credential), 'project_id'))
    if (projectId === undefined || projectId === '') {
      throw configError("Missing 'gcp.project' secret")
    }
    const location = config.withDefaults('bq').optionalString('location') ?? deps.location
    return {
      api: apiOf(credential, projectId),
      projectId,
      ...(location !== undefined && { location }),
      pace: deps.pace ?? usualPace,
      ...(deps.apiEndpoint === undefined && { jobPage: jobPage(projectId) }),
    }
  }
}

const textAt = (object: JsonObject | undefined, key: string): string | undefined => {
  const value = object?.[key]
  return typeof value === 'string' ? value : undefined
}

const jobPage =
  (projectId: string) =>
  (fullJobId: string): string => {
    const job = fullJobId.replace('.', ':')
    return `https://console.cloud.google.com/bigquery?project=${projectId}&j=bq:${job.slice(job.indexOf(':') + 1)}&page=queryresults`
  }
