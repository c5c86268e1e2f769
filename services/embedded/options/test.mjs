// @ts-check
export const usage = `npm test -- [files] [options of Vitest]

Runs the checks of "npm run check", then all tests on real parts; the last line counts both.
Files or folders limit it to their tests, without the checks: npm test -- store services/api/time.test.ts

  -t PATTERN   only tests with this in their name; this and all other options are Vitest's
  --help       this`

/** What it does not know is Vitest's. */
export const passesOn = true

export const options = {}
