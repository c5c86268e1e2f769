/** What may be at the top of a workflow file beside its tasks. */
export const topKeys = [
  'timezone',
  'schedule',
  'sla',
  '_export',
  '_error',
  '_check',
  '_retry',
  '_parallel',
] as const

/** What a group may hold beside its tasks. */
export const groupKeys = [
  'timezone',
  'schedule',
  'sla',
  '_parallel',
  '_background',
  '_after',
  '_error',
  '_check',
  '_retry',
  '_export',
  '_secrets',
  '_disable',
] as const

/** Directives of a task with an operator; other names are its parameters. */
export const operatorKeys = [
  '_type',
  '_command',
  '_do',
  '_else_do',
  '_env',
  '_workdir',
  ...groupKeys.filter((key) => key.startsWith('_')),
] as const
