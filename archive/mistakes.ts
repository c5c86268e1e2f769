import { longestName, longestPath, mostEntries } from './limits.ts'

/** What is wrong with one entry of an archive, and how to fix it. */
export interface ArchiveMistake {
  readonly code: keyof typeof mistakes
  readonly message: string
  readonly advice: string
}

/** Names of an archive are anybody's: shown quoted, never as they are, and not without end. */
const shown = (name: string): string => {
  const quoted = JSON.stringify(name)
  return quoted.length > 300 ? `${quoted.slice(0, 300).toWellFormed()}…"` : quoted
}

const mistakes = {
  EMPTY_NAME: () => ['An entry has no name', 'Pack the project again with tar czf.'],
  NOT_UTF8: (name) => [
    `The name ${shown(name)} is not UTF-8`,
    'Rename the file; convmv renames many.',
  ],
  NUL_IN_NAME: (name) => [`The name ${shown(name)} holds a NUL character`, 'Rename the file.'],
  OUTSIDE: (name) => [
    `The path ${shown(name)} leads outside of the project`,
    "Pack from within the project's folder, with paths relative to it.",
  ],
  NAME_TOO_LONG: (name) => [
    `A part of the path ${shown(name)} is longer than ${longestName} bytes`,
    'Give the file or folder a shorter name; a character may take up to four bytes.',
  ],
  PATH_TOO_LONG: (name) => [
    `The path ${shown(name)} is longer than ${longestPath} bytes`,
    'Take shorter names, or fewer folders in one another.',
  ],
  FILE_AND_FOLDER: (name, below) => [
    `${shown(name)} is both a file and a folder${below === '' ? '' : `, with ${shown(below)} in it`}`,
    'Rename one of the two.',
  ],
  BELOW_LINK: (name, link) => [
    `${shown(name)} lies below ${shown(link)}, which is a link`,
    'Put the file into the folder that the link points to.',
  ],
  UNKNOWN_TYPE: (name, type) => [
    `${shown(name)} is ${type}; only files, folders and links can be pushed`,
    'Leave it out of the archive, or pack a plain file.',
  ],
  LINK_OUTSIDE: (name, target) => [
    `${shown(name)} links out of the project, to ${shown(target)}`,
    'Copy the file into the project, or link to it by a relative path within the project.',
  ],
  LINK_LOOP: (name, target) => [
    `${shown(name)} links to ${shown(target)} and so in a circle`,
    'Remove one of the links, or let it point to a file.',
  ],
  LINK_WITHOUT_TARGET: (name, target) => [
    `${shown(name)} links to ${shown(target)}, which is not in the archive`,
    'Add the file to the project, or remove the link.',
  ],
  LINK_TO_FOLDER: (name, target) => [
    `${shown(name)} is a hard link to ${shown(target)}, which is a folder`,
    'Make it a symbolic link.',
  ],
  TOO_MANY: () => [
    `The project has more than ${mostEntries} files and folders`,
    'Leave out what no task reads, such as node_modules or a virtual environment.',
  ],
} satisfies Record<string, (name: string, other: string) => readonly [string, string]>

export function mistake(code: ArchiveMistake['code'], name = '', other = ''): ArchiveMistake {
  const sentence: (name: string, other: string) => readonly [string, string] = mistakes[code]
  const [message, advice] = sentence(name, other)
  return { code, message, advice }
}
