/** Longest name of one file or folder, in bytes: more is in no file system that a worker has. */
export const longestName = 255

/** Longest path from the project's root, in bytes: Linux's 4,096 less the folder it is unpacked into. */
export const longestPath = 3_500

/** Files and folders of one project together. */
export const mostEntries = 200_000

/** What SUIRO_MAX_ARCHIVE_BYTES is unless it is set: for the archive, and for the sum of its files. */
export const usualBytes = 32 * 2 ** 20

/** The most it can be set to, and so the most that a worker ever unpacks. */
export const mostBytes = 2 ** 30
