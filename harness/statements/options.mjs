// @ts-check
export const usage = `npm run statements -- NAME

Runs the tests that use the store, and keeps what it sends to PostgreSQL as harness/statements/releases/NAME.json
(docs/decisions/versions.md); NAME is a release, such as 0.1.

  --help   this`

export const names = true

export const options = {}
