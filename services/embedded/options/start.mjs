// @ts-check
export const usage = `npm start -- [options]

Starts PostgreSQL, Temporal, engines for the APIs of BigQuery and Cloud Storage, the API and a worker on this machine,
runs the examples the first time, and stays until Ctrl-C. A second Ctrl-C while it stops ends everything at once.

  --no-examples   neither publishes, pushes nor runs the examples
  --help          this

Ports, folders and parts that run elsewhere are set by environment variables: docs/settings.md.`

export const options = /** @type {const} */ ({ 'no-examples': { type: 'boolean' } })
