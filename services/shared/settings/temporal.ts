import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig'

/** Where Temporal is, and how it is spoken to: the same for every client, worker and tool. */
export interface TemporalSettings {
  readonly address: string
  readonly namespace: string
  /** For `Connection` as for `NativeConnection`: address, TLS, the client's certificate, API key. */
  readonly connection: ClientConnectConfig['connectionOptions'] & { readonly address: string }
}

type Env = Readonly<Record<string, string | undefined>>

/** What Temporal's own tools read, too; without the file in the user's home that they look into. */
const known = /^TEMPORAL_(?:ADDRESS|NAMESPACE|API_KEY|TLS(?:_\w+)?|GRPC_META_\w+)$/

/** Reads Temporal's own environment variables; mistakes are added to a list, never with a secret in them. */
export function readTemporalSettings(env: Env, mistakes: string[]): TemporalSettings {
  const given = Object.entries(env).flatMap(([name, text]) => {
    const value = text?.trim() ?? ''
    return known.test(name) && value !== '' ? [[name, value] as const] : []
  })
  const variables: Record<string, string> = {
    TEMPORAL_ADDRESS: '127.0.0.1:7233',
    TEMPORAL_NAMESPACE: 'default',
    ...Object.fromEntries(given),
  }
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = variables
  if (!/^[^\s:/]+:\d+$|^\[[^\]\s]+\]:\d+$/.test(address)) {
    mistakes.push(
      `TEMPORAL_ADDRESS must be host:port, for example 127.0.0.1:7233, but is "${address}"`,
    )
  }
  const half = ['CERT', 'KEY'].filter(
    (part) =>
      `TEMPORAL_TLS_CLIENT_${part}_PATH` in variables ||
      `TEMPORAL_TLS_CLIENT_${part}_DATA` in variables,
  )
  if (half.length === 1) {
    mistakes.push(
      'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together: set both, or none',
    )
  }
  return { address, namespace, connection: { ...options(variables, mistakes), address } }
}

function options(
  variables: Record<string, string>,
  mistakes: string[],
): ClientConnectConfig['connectionOptions'] {
  try {
    return loadClientConnectConfig({ disableFile: true, overrideEnvVars: variables })
      .connectionOptions
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    const names = Object.keys(variables).filter((name) => variables[name] === path)
    mistakes.push(
      path === undefined
        ? `TEMPORAL_TLS…: ${error instanceof Error ? error.message : String(error)}`
        : `${names.join(', ')} names ${path}, which cannot be read (${code})`,
    )
    return {}
  }
}
