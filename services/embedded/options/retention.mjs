// @ts-check
export const usage = `npm run retention -- [options]

Says what SUIRO_RETENTION would take away of the database of npm start, while that runs, or of the one that
DATABASE_URL names (docs/retention.md).

  --now    takes it away at once
  --help   this`

export const options = /** @type {const} */ ({ now: { type: 'boolean' } })
