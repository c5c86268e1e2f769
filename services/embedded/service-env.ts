import { addressOf } from './hosts.ts'
import type { Settings } from './settings.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** What API and worker are given beside what the parts say of themselves. */
export const serviceEnv = (settings: Settings, given: Variables, secretKey: string): Variables => ({
  ...given,
  SUIRO_HOME: settings.home,
  SUIRO_HOST: settings.hosts.api,
  SUIRO_WORKER_HOST: settings.hosts.worker,
  SUIRO_PORT: String(settings.ports.api),
  SUIRO_URL: given['SUIRO_URL'] ?? `http://${addressOf(settings.hosts.api, settings.ports.api)}`,
  SUIRO_WORKER_PORT: String(settings.ports.worker),
  SUIRO_SECRET_KEY: given['SUIRO_SECRET_KEY']?.trim() || secretKey,
  METADATA_SERVER_DETECTION: 'none',
  ...(settings.examples ? {} : { SUIRO_EXAMPLES: 'false' }),
})

/** What the parts will say of themselves, as far as settings depend on it: for a check before they are there. */
export function foreseenEnv({
  external,
  hosts,
  ports,
  temporalNamespace,
}: Settings): Readonly<Record<string, string>> {
  return {
    DATABASE_URL:
      external.databaseUrl ?? `postgres://suiro@${addressOf(hosts.postgres, ports.postgres)}/suiro`,
    TEMPORAL_ADDRESS: external.temporalAddress ?? addressOf(hosts.temporal, ports.temporal),
    TEMPORAL_NAMESPACE: temporalNamespace,
  }
}
