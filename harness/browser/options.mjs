// @ts-check
export const usage = `npm run pictures -- [--help]

Runs the examples, and a night that fails, on parts of its own, and takes the pictures of docs/pictures/ with Chromium.

  --help   this`

export const names = false

export const options = {}
