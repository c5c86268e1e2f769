import { proxyLocalActivities } from '@temporalio/workflow'
import type { hello } from './activity.ts'

const local = proxyLocalActivities<{ hello: typeof hello }>({ startToCloseTimeout: '10 seconds' })

/** The least that a session could be: one workflow with one local activity. */
export const bare = (): Promise<string> => local.hello()
