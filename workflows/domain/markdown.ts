/** A text that Markdown shows as it is. */
export const plainMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]()#+!|<>~-]/g, (character) => `\\${character}`)
