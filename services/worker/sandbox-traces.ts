import { setFlagsFromString } from 'node:v8'

/**
 * Temporal's sandbox takes a stack trace for each promise that a workflow makes, to show where a workflow waits: a third
 * of what a workflow task costs. V8 contexts that are made from here on, which are the sandbox's, take none, so an error
 * of our own code in a workflow is logged by its message only. With SUIRO_LOG_LEVEL=debug they stay, and a history
 * that failed replays there to the same error.
 */
export function withoutSandboxTraces(): void {
  setFlagsFromString('--stack-trace-limit=0')
}
