// @ts-check
export const usage = `npm run histories -- [names]

Runs the cases of harness/histories/cases.ts, "tick" and "reservations" on parts of its own and writes their histories
to workflows/histories/; all of them where none is named.

  --help   this`

export const names = true

export const options = {}
