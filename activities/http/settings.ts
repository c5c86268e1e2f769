/** Addresses of proxies, each as a URI. */
export interface EnvironmentProxies {
  readonly http?: string
  readonly https?: string
  /** Hosts that are reached without a proxy, as in `no_proxy`. */
  readonly except?: string
}

/** What the worker's settings say of `http>` and `http_call>`. */
export interface HttpSettings {
  /** Whether a task's own `proxy` counts. */
  readonly allowUserProxy: boolean
  /** The proxy of all tasks that have none of their own. */
  readonly proxy?: string
  /** What counts without both. */
  readonly environment: EnvironmentProxies
  readonly maxRedirects: number
  /** Characters of an answer that `store_content` and `http_call>` take. */
  readonly mostContent: number
  readonly userAgent: string
}

export const defaultHttpSettings: HttpSettings = {
  allowUserProxy: true,
  environment: {},
  maxRedirects: 8,
  mostContent: 64 * 1024,
  userAgent: 'Suiro',
}
