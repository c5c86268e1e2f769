import { isMistake } from './describe-failure.ts'

/** Whether a part of ours is away, so that the same call will do later. */
export const isOutage = (error: unknown): boolean => !isMistake(error)
