/** Attributes of derivations that are lists. */

/** The words of such an attribute: separated by spaces, tabs and line feeds, as the reference cuts them. */
export function attributeWords(text: string): readonly string[] {
  return text.split(/[ \t\n\r]+/).filter((word) => word !== '');
}
