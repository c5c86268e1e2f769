// @ts-check
export const usage = `npm run bench -- [measures] [options]

Starts parts of its own, runs attempts and prints what they took; all measures where none is named (bench/README.md).
Measures: sequence parallel control remote compare memory retention

  --digdag URL   a Digdag that "compare" measures too; http://user:password@host:port where it wants a login
  --rounds N     rounds of "compare"; 5 without it
  --help         this`

export const names = true

export const options = /** @type {const} */ ({
  digdag: { type: 'string' },
  rounds: { type: 'string' },
})
