/** Every mistake in the environment at once, one line each. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(who: 'The API' | 'The worker' | 'Retention', mistakes: readonly string[]) {
    super([`${who} cannot start with these settings:`, ...mistakes].join('\n  - '))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}
