/** Task queues, one for each kind of resource; workflows themselves run on `control`. */
export const taskQueues = ['control', 'bigquery', 'transfer', 'command', 'notify'] as const
export type TaskQueue = (typeof taskQueues)[number]
