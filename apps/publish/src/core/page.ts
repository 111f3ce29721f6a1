/** The page for people who look at the server with a browser. */
export function indexPage(storeDir: string): string {
  const title = 'Cooper: a server of substitutes';
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>`,
    `<p>Items of <tt>${storeDir}</tt>, for Guix and Nix. They are signed by `,
    '<a href="signing-key.pub"><tt>signing-key.pub</tt></a>.</p></body></html>\n',
  ].join('');
}
