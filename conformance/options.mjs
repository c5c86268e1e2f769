// @ts-check
export const usage = `npm run conformance -- [options]

Runs the cases of conformance/cases/ on a running Suiro, and on a Digdag where one is named (conformance/README.md).

  --suiro URL        the Suiro to test; http://127.0.0.1:65432 without it
  --digdag URL       a Digdag server to run the same on; http://user:password@host:port where it wants a login
  --java VERSION     the Java that it runs on: keep in conformance/confirmed.json which cases it confirms
  --only PATTERN     only cases with this in their name
  --at-a-time N      how many cases run at a time; 8 without it
  --project DIR      instead of the cases, a project of your own on both servers
  --workflow NAME      only this workflow of it
  --session TIME       the session; 2026-01-05T00:00:00+00:00 without it
  --param KEY=VALUE    a parameter of the start; may be repeated
  --help             this`

export const options = /** @type {const} */ ({
  suiro: { type: 'string' },
  digdag: { type: 'string' },
  java: { type: 'string' },
  only: { type: 'string' },
  'at-a-time': { type: 'string' },
  project: { type: 'string' },
  workflow: { type: 'string' },
  session: { type: 'string' },
  param: { type: 'string', multiple: true },
})
