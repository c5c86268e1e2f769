import { wrongProjectName } from '#workflows/dig/index.ts'
import { NameInvalid } from '../errors.ts'

/** Digdag's rule for a project's name. */
export function checkProjectName(name: string): void {
  const wrong = wrongProjectName(name) ?? (name.includes('/') ? 'must not contain "/"' : undefined)
  if (wrong !== undefined) throw new NameInvalid(`Project name "${name}" ${wrong}`)
}

/** Digdag's rule for the names of revisions. */
export function checkRevisionName(name: string): void {
  if (name.trim() === '') throw new NameInvalid('Revision name must not be blank')
  if (name.length > 255) {
    throw new NameInvalid(`Revision name "${name}" must not be longer than 255 characters`)
  }
}
