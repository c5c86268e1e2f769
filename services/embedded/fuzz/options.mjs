// @ts-check
export const usage = `npm run fuzz:api -- [options]

Starts a Suiro of its own and tries its whole OpenAPI document with schemathesis.

  --minutes N   how long; 10 without it
  --seed N      begins where an earlier run with this number began; one by chance without it
  --help        this`

export const options = /** @type {const} */ ({
  minutes: { type: 'string' },
  seed: { type: 'string' },
})
