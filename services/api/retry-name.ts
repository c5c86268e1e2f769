import { RequestInvalid } from './errors.ts'

/** The name of a further attempt is there to tell it from the others, so it says something. */
export function checkRetryName(name: string): void {
  if (name.trim() !== '') return
  throw new RequestInvalid(
    'retryAttemptName must not be blank: write a name that no attempt of the session has yet, or leave it out for the first attempt',
  )
}
