/** What one folder's code may know of others. */
export interface Fence {
  /** Folders of this project whose files it may import, beside its own; the folders in them are others. */
  readonly may: readonly string[]
  /** Beginnings of the names of packages; `node:` for Node's own. */
  readonly packages: readonly string[]
  /** Said when something else is imported: what the folder is for. */
  readonly why: string
}

const language = [
  'workflows',
  'workflows/domain',
  'workflows/dig',
  'workflows/dig/operators',
  'workflows/calendar',
]
const sandbox = ['@temporalio/workflow', '@temporalio/common']
const pure = 'it is pure, and stays replayable: Temporal is in workflows/temporal/ alone'
const replayed =
  'a workflow is replayed: it asks the world through workflows/activities.ts only, and calendars are computed outside'

/**
 * Who may import whom: one entry for each folder, the longest path that fits counts, and code in a folder
 * without an entry is refused. A rule of its own for oxlint (plugin.ts) holds every import against it, relative or
 * not, of types or of values.
 */
export const fences: Readonly<Record<string, Fence>> = {
  archive: {
    may: [],
    packages: ['node:', 'tar-stream'],
    why: 'it knows tar, gzip and a file system only; every other folder may use it',
  },

  client: {
    may: ['archive'],
    packages: ['node:'],
    why: "it is a user's program: it knows the API by its document only",
  },

  'workflows/domain': { may: [], packages: [], why: pure },
  'workflows/dig/operators': { may: ['workflows/domain'], packages: [], why: pure },
  'workflows/dig': {
    may: ['workflows/domain', 'workflows/dig/operators'],
    packages: ['yaml'],
    why: pure,
  },
  'workflows/calendar': {
    may: ['workflows/domain', 'workflows/dig'],
    packages: ['croner', 'luxon'],
    why: 'it computes times of what workflows/dig read',
  },
  'workflows/engine': {
    may: ['workflows', 'workflows/domain', 'workflows/dig/operators'],
    packages: [],
    why: pure,
  },
  'workflows/temporal': {
    may: ['workflows', 'workflows/domain', 'workflows/engine'],
    packages: sandbox,
    why: replayed,
  },
  'workflows/batches': {
    may: [
      'workflows',
      'workflows/domain',
      'workflows/dig',
      'workflows/dig/operators',
      'workflows/engine',
      'workflows/temporal',
    ],
    packages: ['@temporalio/workflow'],
    why: replayed,
  },
  workflows: {
    may: ['workflows/domain', 'workflows/engine', 'workflows/temporal', 'workflows/batches'],
    packages: sandbox,
    why: replayed,
  },

  store: {
    may: ['workflows', 'workflows/domain', 'workflows/dig'],
    packages: ['node:', 'pg', 'postgrator'],
    why: "it knows PostgreSQL and the domain's words only",
  },

  'activities/step': {
    may: ['activities', 'workflows', 'workflows/domain', 'workflows/engine'],
    packages: ['node:', '@temporalio/activity'],
    why: 'it carries what a workflow asks for, and walks ahead with the same engine; what the calls do is in the folders beside it',
  },
  activities: {
    may: ['activities/step', 'archive', 'store', ...language],
    packages: [
      'node:',
      '@temporalio/activity',
      '@temporalio/common',
      '@google-cloud/',
      'google-auth-library',
      'lru-cache',
      'luxon',
      'moment-timezone',
      'nodemailer',
      'pg',
      'pg-copy-streams',
      'quickjs-emscripten',
      'undici',
      'yaml',
    ],
    why: 'an activity is called by workflows and wired by services, never the other way round',
  },

  'services/shared': {
    may: ['activities/task', 'store', ...language],
    packages: [
      'node:',
      '@grpc/grpc-js',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/envconfig',
      'pino',
    ],
    why: 'it is what the API and the worker both need, and nothing else',
  },
  'services/api': {
    may: ['archive', 'package.json', 'services/shared', 'store', 'workflows/batches', ...language],
    packages: [
      'node:',
      '@fastify/',
      '@grpc/grpc-js',
      '@temporalio/client',
      'fastify',
      'luxon',
      'pg',
      'pino',
      'typebox',
    ],
    why: 'the API checks, stores, starts and answers; it never runs a task',
  },
  'services/worker': {
    may: ['activities', 'services/shared', 'store', ...language],
    packages: ['node:', '@grpc/grpc-js', '@temporalio/client', '@temporalio/worker'],
    why: 'the worker and the API are two processes; what both need is in services/shared/',
  },
  'services/embedded': {
    may: [
      'archive',
      'examples',
      'package.json',
      'services/shared',
      'workflows',
      'workflows/dig',
      'workflows/domain',
    ],
    packages: ['node:', '@temporalio/client', 'listr2', 'pg'],
    why: 'it starts the services and the servers that they need as processes, and knows none from inside',
  },

  examples: {
    may: ['activities/task', 'archive', 'client'],
    packages: ['node:', '@google-cloud/bigquery', 'google-auth-library', 'pg', 'pg-copy-streams'],
    why: 'it is what a user of Suiro writes',
  },
  conformance: {
    may: ['client', 'examples', 'harness/stack', 'workflows/dig', 'workflows/domain'],
    packages: ['node:', 'pg', 'smtp-server', 'tar-stream', 'yaml'],
    why: 'it knows a server by its REST API only, and the engines by theirs; of the language, what a push compiles',
  },
  infra: { may: [], packages: ['node:', 'yaml'], why: 'it describes where the services run' },
  // What tests, chaos and the bench build on may look into everything.
  harness: { may: ['**'], packages: ['**'], why: '' },
  bench: { may: ['**'], packages: ['**'], why: '' },
}
