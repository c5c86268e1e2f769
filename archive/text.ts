const utf8 = new TextDecoder()

/** A file's text; a byte order mark, as some editors write, is not part of it. */
export const textOf = (bytes: Uint8Array): string => utf8.decode(bytes)
